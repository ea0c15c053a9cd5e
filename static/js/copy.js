// Copies what a button's data-copy holds, and says so. Announces `asset:copied` on the button.

import { toast } from "./toast.js";

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http outside localhost has no clipboard of its own.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("not copied");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await copy(button.dataset.copy);
    toast("URL copied");
    button.dispatchEvent(new CustomEvent("asset:copied", { bubbles: true }));
  } catch {
    toast("The browser did not allow copying. Select the URL and copy it by hand.");
  }
});
