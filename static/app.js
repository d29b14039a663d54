// Makes pages more convenient. Nothing depends on it: every page works with scripts off.
"use strict";

// The code field: puts hyphens where the format has them, while typing at the end.
for (const field of document.querySelectorAll("input[data-format]")) {
  const gaps = [...field.dataset.format].flatMap((symbol, at) => (symbol === "-" ? [at] : []));
  field.addEventListener("input", (event) => {
    const deleting = event.inputType && event.inputType.startsWith("delete");
    if (deleting || field.selectionStart !== field.value.length) return;
    let code = field.value.replace(/[\s-]/g, "");
    for (const gap of gaps) {
      if (code.length > gap) code = code.slice(0, gap) + "-" + code.slice(gap);
    }
    field.value = code;
  });
}

// Copy buttons, which are hidden until they can work.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it and copy by hand";
    }
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}

// The minutes that a code has left.
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const end = Date.parse(time.dateTime);
  const tell = () => {
    const minutes = Math.ceil((end - Date.now()) / 60000);
    time.textContent = minutes > 1 ? `${minutes} minutes left` : minutes === 1 ? "1 minute left" : "expired: start again on your device";
  };
  tell();
  setInterval(tell, 5000);
}

// One menu at a time, closed by Escape or by a click elsewhere.
const menus = [...document.querySelectorAll(".bar details")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (menu.open && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});
