// The search box of every page: `/` focuses it. What completes names and conditions, opens filters, or shows the help
// (`?`), is loaded with the first use.

import { isTyping } from "./keys.js";

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "?") import("./help.js").then(({ showHelp }) => showHelp());
  if (event.key !== "/") return;
  event.preventDefault();
  // While files are uploaded, each page brings another one.
  const box = document.querySelector("[data-search]");
  box.focus();
  box.select();
});

// The one `q` that is sent: the conditions, then the words. What is only half typed stays behind while typing.
document.addEventListener("formdata", ({ target: form, formData }) => {
  if (!form.matches("[data-search-form]")) return;
  const chips = Array.from(form.querySelectorAll("[data-chip]"), (chip) => chip.dataset.chip);
  const words = form.dataset.words ?? form.querySelector("[data-search]").value;
  const text = [...chips, words.trim()].filter(Boolean).join(" ");
  formData.set("q", text);
  if (!text) formData.delete("saved");
});

const loadCompletion = () => import("./complete.js");
if (document.querySelector("[data-complete]")) loadCompletion().catch(() => {});

function prepare(field) {
  if (field.closest("[data-search-form]")) import("./search-box.js").catch(() => {});
  const named = field.closest("[data-complete]");
  // What was typed meanwhile is completed, too. Of nothing, it begins with what was used last.
  if (named) loadCompletion().then(({ complete }) => complete(named), () => {});
}

document.addEventListener("focusin", ({ target }) => prepare(target));
// Somebody may have begun to type before this module came.
prepare(document.activeElement ?? document.body);

document.addEventListener("toggle", ({ target }) => target.matches("[data-filter]") && import("./filters.js").catch(() => {}), true);
