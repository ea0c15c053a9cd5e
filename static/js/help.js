// `?` shows the help page in a dialog.

import { showInDialog } from "./dialog.js";
import { isTyping } from "./keys.js";

document.addEventListener("keydown", async (event) => {
  if (event.key !== "?" || isTyping(event)) return;
  const response = await fetch(document.querySelector("[data-help-link]").href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const help = page.querySelector("[data-help]");
  help.querySelector("[data-dialog-close]").hidden = false;
  // The focus goes to the heading: at the button below, the text would be scrolled to its end.
  Object.assign(help.querySelector("#dialog-title"), { tabIndex: -1, autofocus: true });
  showInDialog(...help.children);
});
