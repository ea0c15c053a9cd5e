// Another size of the cards, at once; the first one in sight stays where it is.

import { request } from "./request.js";
import { toastError } from "./toast.js";

const topOf = (element) => element.getBoundingClientRect().top;

export function resize(form, button) {
  const wall = document.querySelector(".wall[data-cards]");
  const anchor = scrollY ? [...wall.querySelectorAll("[data-asset]")].find((card) => topOf(card) >= 0) : null;
  const top = anchor && topOf(anchor);
  for (const other of form.querySelectorAll("[name=layout]")) {
    wall.classList.toggle(`wall-${other.value}`, other === button);
    other.ariaPressed = String(other === button);
  }
  if (anchor) scrollBy({ top: topOf(anchor) - top, behavior: "instant" });
  const choice = new FormData(form, button);
  request(form.action, { method: "POST", body: choice, headers: { accept: "application/json" } }).catch(toastError);
}
