// Shows the help page in a dialog.

import { showInDialog } from "./dialog.js";

async function fetchHelp(url) {
  const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
  return page.querySelector("[data-help]");
}

export async function showHelp() {
  const { href } = document.querySelector("[data-help-link]");
  const help = await fetchHelp(href).catch(() => null);
  if (!help) {
    // Signed out, or no network: the browser says so.
    location.assign(href);
    return;
  }
  help.querySelector("[data-dialog-close]").hidden = false;
  // The focus goes to the heading: at the button below, the text would be scrolled to its end.
  Object.assign(help.querySelector("#dialog-title"), { tabIndex: -1, autofocus: true });
  showInDialog(...help.children);
}
