const [DURATION, ERROR_DURATION] = [2500, 8000];
let timer;

// Shows a short message at the bottom of the page. Screen readers read it out.
export function toast(text, duration = DURATION) {
  const element = document.querySelector("[data-toast]");
  element.textContent = text;
  // What is outside of a modal dialog is behind it.
  (document.querySelector("dialog[open]") ?? document.body).append(element);
  element.dataset.shown = "";
  clearTimeout(timer);
  timer = setTimeout(() => delete element.dataset.shown, duration);
  return element;
}

// A RequestError, with a way to sign in beside this page.
export function toastError(error) {
  const element = toast(error.message, ERROR_DURATION);
  if (error.isSignedOut) element.append(" ", signInLink());
}

export function signInLink() {
  const { signInUrl } = document.querySelector("[name=session]").dataset;
  return Object.assign(document.createElement("a"), { href: signInUrl, target: "_blank", textContent: "Sign in" });
}
