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

const notice = globalThis.document?.getElementById("email-notice");
let isConfirmed = !notice;

// `text`: with any number of URLs in it.
export function needsConfirmation(text) {
  return !isConfirmed && (text.match(URLS) ?? []).some(urlContainsEmail);
}

// Resolves to whether the person wants to copy anyway; the server remembers it.
export async function confirmCopy() {
  notice.returnValue = "";
  notice.showModal();
  await new Promise((resolve) => notice.addEventListener("close", resolve, { once: true }));
  if (notice.returnValue !== "copy") return false;
  isConfirmed = true;
  post(notice.dataset.seenUrl).catch(() => {});
  return true;
}
