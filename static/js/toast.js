// A short line at the bottom of the page, read out by screen readers.

let timer;

export function toast(text) {
  const place = document.querySelector("[data-toast]");
  place.textContent = text;
  place.dataset.shown = "";
  clearTimeout(timer);
  timer = setTimeout(() => delete place.dataset.shown, 2500);
}
