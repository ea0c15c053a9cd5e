// Warns once before a URL that contains an e-mail address is copied.
// The rule is the same as in assets/text/email_in_url.py; a test compares the two.

import { post } from "./post.js";

const EMAIL = /[^\x00-\x20/?#&=:;,@]+@[a-z0-9-]+(\.[a-z0-9-]+)+/i;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
const ENCODED = /%([0-7][0-9a-f])/gi;
const URLS = /https?:\/\/[^\s"<>\\]+/gi;
const MAX_DECODINGS = 3;

export function urlContainsEmail(url) {
  let text = url.replace(ORIGIN, "");
  for (let times = 0; times < MAX_DECODINGS; times++) {
    if (EMAIL.test(text)) return true;
    text = text.replace(ENCODED, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  }
  return EMAIL.test(text);
}

const NOTICE = `
  <form class="form" method="dialog">
    <h2 id="email-notice-title">This URL contains an e-mail address</h2>
    <p id="email-notice-text">
      It belongs to the account that stored the file. Anyone with the URL can read it. This message is shown once.
    </p>
    <div class="form-actions">
      <button class="button button-primary" type="submit" value="copy">Copy anyway</button>
      <button class="button" type="submit" value="" autofocus>Cancel</button>
    </div>
  </form>`;

// In the page until the person has seen the notice; its content is where that is remembered.
const unseen = globalThis.document?.querySelector("[name=email-notice]");
let isConfirmed = !unseen;

// `text`: with any number of URLs in it.
export function needsConfirmation(text) {
  return !isConfirmed && (text.match(URLS) ?? []).some(urlContainsEmail);
}

// Resolves to whether the person wants to copy anyway; the server remembers it.
export async function confirmCopy() {
  const notice = Object.assign(document.createElement("dialog"), { className: "dialog", innerHTML: NOTICE });
  notice.setAttribute("aria-labelledby", "email-notice-title");
  notice.setAttribute("aria-describedby", "email-notice-text");
  document.body.append(notice);
  notice.showModal();
  await new Promise((resolve) => notice.addEventListener("close", resolve, { once: true }));
  notice.remove();
  if (notice.returnValue !== "copy") return false;
  isConfirmed = true;
  post(unseen.content).catch(() => {});
  return true;
}
