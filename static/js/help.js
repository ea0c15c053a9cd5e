// `?` shows the help page in a dialog.

import { showInDialog } from "./dialog.js";
import { isTyping } from "./keys.js";

document.addEventListener("keydown", async (event) => {
  if (event.key !== "?" || isTyping(event)) return;
  const response = await fetch(document.querySelector("[data-help-link]").href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  showInDialog(...page.querySelector("[data-help]").children);
});
