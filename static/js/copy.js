// Copies what a button's data-copy holds, says so, and notes that its entry has been used: the closest data-asset.
// Announces `asset:copied` on the button. `data-what` names what was copied, if that is not the URL.

import { askAboutAddress, needsNotice } from "./email-in-url.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http outside localhost has no clipboard of its own. Beside the focus, so that a modal dialog allows it.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  const before = document.activeElement;
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus();
  if (!copied) throw new Error("not copied");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy;
  if (needsNotice(text) && !(await askAboutAddress())) return;
  try {
    await copy(text);
  } catch {
    toast("The browser did not allow copying. Select the text and copy it by hand.");
    return;
  }
  toast(`${button.dataset.what ?? "URL"} copied`);
  button.dispatchEvent(new CustomEvent("asset:copied", { bubbles: true }));
  const entry = button.closest("[data-asset]")?.dataset.asset;
  if (entry) send(`${entry}use/`).catch(() => {});
});
