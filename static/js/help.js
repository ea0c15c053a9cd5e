// `?` shows what the help page says, without leaving the page.

import { showIn } from "./dialog.js";
import { typing } from "./keys.js";

document.addEventListener("keydown", async (event) => {
  if (event.key !== "?" || typing(event)) return;
  const answer = await fetch("/help/");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  showIn(...page.querySelector("[data-help]").children);
});
