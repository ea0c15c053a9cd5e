// The library by keyboard and in bulk: moving among the entries, selecting, favourites, and what is done to many.

import "./favourites.js";
import "./help.js";
import "./stale-responses.js";
import { typing } from "./keys.js";

const cards = () => Array.from(document.querySelectorAll("[data-cards] [data-asset]"));
const boxes = () => Array.from(document.querySelectorAll("[data-cards] [name=id]"));
const boxOf = (card) => card.querySelector("[name=id]");
const titleOf = (card) => card.querySelector(".card-title");
const current = () => document.activeElement?.closest?.("[data-asset]");

// --- Selecting ---

let anchor = null;

function selectTo(box, on) {
  const all = boxes();
  const [from, to] = [all.indexOf(anchor), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const between of all.slice(from, to + 1)) between.checked = on;
}

function count() {
  const form = document.getElementById("selection");
  if (!form) return;
  const chosen = boxes().filter((box) => box.checked).length;
  if (!chosen) form.elements.all.checked = false;
  const words = form.elements.all.checked ? "All results" : `${chosen} selected`;
  form.querySelector("[data-selection-count]").textContent = words;
}

function clear() {
  for (const box of boxes()) box.checked = false;
  anchor = null;
  count();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-selection-clear]")) return clear();
  // A click on a card selects it while others are selected, and with Shift all between.
  const title = event.target.closest(".card .card-title");
  const isSelecting = boxes().some((box) => box.checked);
  if (title && (event.shiftKey || (isSelecting && !event.ctrlKey && !event.metaKey && event.detail > 0))) {
    event.preventDefault();
    const box = boxOf(title.closest("[data-asset]"));
    box.checked = event.shiftKey || !box.checked;
    if (event.shiftKey) selectTo(box, true);
    anchor = box;
    return count();
  }
  const box = event.target.closest("[data-cards] [name=id]");
  if (!box) return;
  if (event.shiftKey) selectTo(box, box.checked);
  anchor = box;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[name=id], [name=all]")) count();
});

// Cards that come later are selected too while all results are.
document.addEventListener("htmx:afterSwap", () => {
  if (document.getElementById("selection")?.elements.all.checked) for (const box of boxes()) box.checked = true;
  count();
});

// --- Keys ---

function step(key) {
  const all = cards();
  const from = current();
  if (!from) return all[0];
  const at = all.indexOf(from);
  if (key === "ArrowRight") return all[at + 1];
  if (key === "ArrowLeft") return all[at - 1];
  // Up and down: the nearest in the next row.
  const here = from.getBoundingClientRect();
  const down = key === "ArrowDown";
  const beyond = (down ? all.slice(at + 1) : all.slice(0, at).reverse()).map((card) => [card, card.getBoundingClientRect()]);
  const row = beyond.find(([, place]) => (down ? place.top >= here.bottom - 2 : place.bottom <= here.top + 2))?.[1];
  if (!row) return null;
  const middle = here.left + here.width / 2;
  const away = ([, place]) => Math.abs(place.left + place.width / 2 - middle);
  return beyond.filter(([, place]) => Math.abs(place.top - row.top) < 4).sort((a, b) => away(a) - away(b))[0][0];
}

function act(action, card) {
  const form = document.getElementById("selection");
  if (card && !boxes().some((box) => box.checked)) {
    boxOf(card).checked = true;
    count();
  }
  if (boxes().some((box) => box.checked)) form.querySelector(`[value=${action}]`)?.click();
}

const KEYS = {
  x(card) {
    boxOf(card).click();
  },
  c(card) {
    card.querySelector("[data-copy]")?.click();
  },
  e(card) {
    location.assign(`${titleOf(card).href}#edit`);
  },
  Delete(card) {
    act("trash", card);
  },
};

document.addEventListener("keydown", (event) => {
  if (typing(event)) return;
  if (event.key === "Escape") return clear();
  if (event.key.startsWith("Arrow")) {
    const next = step(event.key);
    if (!next) return;
    event.preventDefault();
    titleOf(next).focus();
    next.scrollIntoView({ block: "nearest" });
    return;
  }
  const card = current();
  const chosen = boxes().some((box) => box.checked);
  if (event.key === "c" && chosen) return act("copy");
  if (event.key === "Delete" && chosen) return act("trash");
  if (card && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key](card);
  }
});
