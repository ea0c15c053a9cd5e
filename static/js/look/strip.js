// The film strip: the cards around the one that is shown.

import { findCards, titleOf } from "./cards.js";

const MAX_ON_A_SIDE = 15;

export function drawStrip(strip, card) {
  const cards = findCards();
  const index = cards.indexOf(card);
  const shown = cards.slice(Math.max(0, index - MAX_ON_A_SIDE), index + MAX_ON_A_SIDE + 1);
  strip.replaceChildren(...shown.map((one) => drawFrame(one, one === card)));
  const frame = strip.querySelector("[aria-current]");
  if (frame) strip.scrollLeft = frame.offsetLeft - (strip.clientWidth - frame.offsetWidth) / 2;
}

function drawFrame(card, isCurrent) {
  const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: isCurrent ? 0 : -1 });
  button.dataset.lookGo = card.id;
  button.title = titleOf(card).textContent;
  button.setAttribute("aria-label", button.title);
  if (isCurrent) button.setAttribute("aria-current", "true");
  button.append(drawPicture(card));
  const frame = document.createElement("li");
  frame.append(button);
  return frame;
}

function drawPicture(card) {
  const picture = card.querySelector("img");
  if (picture) return Object.assign(document.createElement("img"), { src: picture.currentSrc || picture.src, alt: "" });
  return card.querySelector(".icon").cloneNode(true);
}
