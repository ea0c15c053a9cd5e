// Copies the data-copy of a button; `data-copy-label` names what that is, if not a URL. The closest data-asset counts as
// used. Dispatches `asset:copied` on the button.

import { toast } from "./toast.js";

// Resolves to whether the person, who may be asked first, wants it.
export async function copyText(text) {
  // Encoded or not, a URL with an e-mail address has one of these.
  if (/[@%]/.test(text)) {
    const { confirmCopy, needsConfirmation } = await import("./email-in-url.js");
    if (needsConfirmation(text) && !(await confirmCopy())) return false;
  }
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  // Over plain http, a browser offers no clipboard except on localhost.
  else copyFromTextarea(text);
  return true;
}

function copyFromTextarea(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "sr-only" });
  const focused = document.activeElement;
  // A modal dialog allows a selection only inside of it.
  (focused?.closest("dialog") ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!isCopied) throw new Error("not copied");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    if (!(await copyText(button.dataset.copy))) return;
  } catch {
    toast("Your browser blocked copying. Select the text and copy it.");
    return;
  }
  toast(`${button.dataset.copyLabel ?? "URL"} copied`);
  button.dispatchEvent(new CustomEvent("asset:copied", { bubbles: true }));
  const asset = button.closest("[data-asset]")?.dataset.asset;
  if (asset) import("./post.js").then(({ post }) => post(`${asset}use/`)).catch(() => {});
});
