const DURATION = 2500;
let timer;

// Shows a short message at the bottom of the page. Screen readers read it out.
export function toast(text) {
  const element = document.querySelector("[data-toast]");
  element.textContent = text;
  element.dataset.shown = "";
  clearTimeout(timer);
  timer = setTimeout(() => delete element.dataset.shown, DURATION);
}
