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
      button.textContent = button.dataset.copied;
    } catch {
      button.textContent = button.dataset.byHand;
    }
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}

// The minutes that a code has left, in the page's own words: a form for each kind of number that its language knows.
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const end = Date.parse(time.dateTime);
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const tell = () => {
    const minutes = Math.ceil((end - Date.now()) / 60000);
    const { over, leftOther, ...form } = time.dataset;
    const kind = plural.select(minutes);
    const left = form[`left${kind[0].toUpperCase()}${kind.slice(1)}`] ?? leftOther;
    time.textContent = minutes > 0 ? left.replace("#", minutes) : over;
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

// A page that waits for an answer given elsewhere asks how far it is, and sends its form when it may go on.
for (const form of document.querySelectorAll("form[data-waits]")) {
  const ask = async () => {
    try {
      const answer = await fetch(form.dataset.waits, { credentials: "same-origin" });
      const { state } = await answer.json();
      if (state === "approved") return form.requestSubmit();
      if (state === "over") return location.reload();
    } catch {
      // Asked again below: a page that waits outlives a pause of the network.
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
}
