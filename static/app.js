// Makes pages more convenient. Nothing depends on it: every page works with scripts off.
"use strict";

// A form is sent once: a second click is no second request.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Somebody who comes back to the page may send it again.
  window.addEventListener("pageshow", () => { sent = false; });
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
