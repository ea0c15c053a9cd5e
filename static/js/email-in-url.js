// Tells a person once that a URL carries an e-mail address, before it is copied.
// What the server decides in assets/services/addresses.py is decided here by the same rule.

import { send } from "./send.js";

const ADDRESS = /[^\x00-\x20/?#&=:;,@]+@[a-z0-9-]+(\.[a-z0-9-]+)+/i;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
const ENCODED = /%([0-7][0-9a-f])/gi;
const URLS = /https?:\/\/[^\s"<>\\]+/gi;
const MOST_ENCODED = 3;

export function carriesAddress(url) {
  let text = url.replace(ORIGIN, "");
  for (let times = 0; times < MOST_ENCODED; times++) {
    if (ADDRESS.test(text)) return true;
    text = text.replace(ENCODED, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  }
  return ADDRESS.test(text);
}

const notice = globalThis.document?.getElementById("address-notice");
let told = !notice;

/** Whether the person has to be asked before this text, with one URL or many in it, is copied. */
export function needsNotice(text) {
  return !told && (text.match(URLS) ?? []).some(carriesAddress);
}

/** Asks; whether the person wants to copy all the same. */
export function askAboutAddress() {
  notice.returnValue = "";
  notice.showModal();
  return new Promise((resolve) => {
    notice.addEventListener("close", () => resolve(notice.returnValue === "copy"), { once: true });
  }).then((agreed) => {
    if (!agreed) return false;
    told = true;
    send("/addresses/").catch(() => {});
    return true;
  });
}
