// Short messages at the bottom of the page. Screen readers read them out; Ctrl+Z, or ⌘Z, undoes the last change.

const [DURATION, ERROR_DURATION, UNDO_DURATION] = [3000, 8000, 12000];
const MAX_SHOWN = 3;
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const findToasts = () => document.querySelector("[data-toasts]");

// `undo`: the URL that takes back what the message says.
export function toast(text, { undo = "", duration = undo ? UNDO_DURATION : DURATION } = {}) {
  const toasts = findToasts();
  // What is outside of a modal dialog is behind it.
  (document.querySelector("dialog[open]") ?? document.body).append(toasts);
  const element = Object.assign(document.createElement("div"), { className: "toast" });
  element.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (undo) element.append(undoButton(element, undo));
  element.dataset.undo = undo;
  for (const same of [...toasts.children].filter((one) => one.firstChild.textContent === text)) same.remove();
  toasts.append(element);
  while (toasts.childElementCount > MAX_SHOWN) toasts.firstElementChild.remove();
  expire(element, duration);
  return element;
}

function undoButton(element, url) {
  const keys = navigator.platform.startsWith("Mac") ? "⌘Z" : "Ctrl+Z";
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Undo", title: `Undo (${keys})` });
  button.addEventListener("click", () => {
    element.remove();
    undo(url);
  });
  return button;
}

async function undo(url) {
  try {
    const done = await (await import("./undo.js")).undo(url);
    if (!done) return;
    for (const one of [...findToasts().children].filter(({ dataset }) => done.undone && dataset.undo === done.undone)) one.remove();
    toast(done.message);
  } catch (error) {
    toastError(error);
  }
}

// Not while somebody reads it, or is about to press its button.
function expire(element, duration) {
  setTimeout(() => {
    if (element.matches(":hover, :focus-within") || document.hidden) expire(element, DURATION);
    else element.remove();
  }, duration);
}

// A RequestError, with a way to sign in beside this page.
export function toastError(error) {
  const element = toast(error.message, { duration: ERROR_DURATION });
  if (error.isSignedOut) element.append(signInLink());
}

export function signInLink() {
  const { signInUrl } = document.querySelector("[name=session]").dataset;
  return Object.assign(document.createElement("a"), { href: signInUrl, target: "_blank", textContent: "Sign in" });
}

document.addEventListener("keydown", (event) => {
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isUndo || event.defaultPrevented || event.target.closest?.(FIELDS)) return;
  event.preventDefault();
  undo(`${document.documentElement.dataset.root}undo/`);
});

// The toasts outlive the dialog that they were shown in.
document.addEventListener("close", ({ target }) => target.contains(findToasts()) && document.body.append(findToasts()), true);
