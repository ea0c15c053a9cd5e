// The one dialog of a page. Opens when htmx has loaded something into it, or with showInDialog().

const dialog = document.getElementById("dialog");
const content = document.getElementById("dialog-content");

function open() {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), button")?.focus();
}

export function showInDialog(...nodes) {
  content.replaceChildren(...nodes);
  open();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === content) open();
});

dialog.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) event.preventDefault();
  if (closer || event.target === dialog) dialog.close();
});

dialog.addEventListener("close", () => content.replaceChildren());
