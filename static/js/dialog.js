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
  const leaving = event.target.closest("[data-dialog-close]");
  if (leaving) event.preventDefault();
  if (leaving || event.target === dialog) dialog.close();
});

dialog.addEventListener("close", () => content.replaceChildren());
