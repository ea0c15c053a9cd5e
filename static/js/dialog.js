// One dialog for the page. It opens when htmx has put something into it, or with showIn().

const dialog = document.getElementById("dialog");
const content = document.getElementById("dialog-content");

function open() {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), button")?.focus();
}

export function showIn(...nodes) {
  content.replaceChildren(...nodes);
  open();
}

export function closeDialog() {
  dialog.close();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === content) open();
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

dialog.addEventListener("close", () => content.replaceChildren());
