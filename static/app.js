// Makes pages more convenient. Nothing depends on it: every page works with scripts off.
"use strict";

// An answer for an app, which goes on by itself.
document.querySelector("form[data-submit-now]")?.requestSubmit();
const onward = document.querySelector("a[data-go-now]");
if (onward) location.replace(onward.href);

// Passkeys. A form is sent once its hidden field holds what the authenticator has made; where the browser has no passkeys
// the form stays hidden. Bytes travel as base64url.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const base64url = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (credential) => ({ ...credential, id: bytes(credential.id) });

// What the server lets an authenticator be asked; nothing where it does not answer with that.
async function passkeyOptions(form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return null;
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  if (options.user) options.user = withBytes(options.user);
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) options[list] = options[list].map(withBytes);
  }
  return options;
}

async function usePasskey(form, publicKey, how) {
  const made = await navigator.credentials[form.dataset.passkey]({ publicKey, ...how });
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = base64url(made.response[part]);
  }
  form.elements.credential.value =
    JSON.stringify({ id: made.id, rawId: base64url(made.rawId), type: made.type, response });
  // Another form of the page has the box.
  const remember = document.getElementById("remember");
  if (remember?.checked && remember.form !== form) form.append(remember.cloneNode());
  form.requestSubmit();
}

let offered = null; // What ends the offer in the address field.
let asking = false; // Whether the browser asks for a passkey, by a button: an offer would take the ceremony's place.
for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const [failure, known] = [form.querySelector("[data-failure]"), form.querySelector("[data-known]")];
  form.hidden = false;
  form.parentElement.querySelector("[data-without-passkeys]")?.setAttribute("hidden", "");
  // In the capturing phase: what is not sent yet must not be taken for sent below.
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    offered?.abort();
    failure.hidden = known.hidden = true;
    asking = true;
    try {
      const options = await passkeyOptions(form);
      // The page that answers to nothing says why, or asks for what is missing first.
      if (!options) return form.submit();
      await usePasskey(form, options, {});
    } catch (error) {
      // The authenticator holds one for this account already (WebAuthn §5.1.3).
      (error.name === "InvalidStateError" ? known : failure).hidden = false;
    }
    asking = false;
  }, true);
  window.addEventListener("pageshow", () => { form.elements.credential.value = ""; });

  // Where the browser can, it offers passkeys in the address field, with nothing pressed. An offer is good for five minutes,
  // and for one tab: who comes back to the page gets another.
  if (!("offer" in form.dataset)) continue;
  const offer = async () => {
    if (asking) return;
    offered?.abort();
    if (document.hidden || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const ends = (offered = new AbortController());
    try {
      const options = await passkeyOptions(form);
      if (options && !ends.signal.aborted) {
        await usePasskey(form, options, { mediation: "conditional", signal: ends.signal });
      }
    } catch {
      // Nobody has asked for it.
    }
  };
  offer();
  document.addEventListener("visibilitychange", offer);
  setInterval(offer, 4 * 60 * 1000);
}

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
