// A request that was copied counts as a use of its model and its assets.

import { post } from "./post.js";

document.addEventListener("asset:copied", ({ target }) => {
  const form = target.closest("[data-copied]");
  if (!form) return;
  const ids = new FormData(form).getAll("id").map((id) => ["id", id]);
  post(form.dataset.copied, ids).catch(() => {});
});

// What was typed before htmx was there.
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll(".request :is(input, textarea)[name^='p-']")) {
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
