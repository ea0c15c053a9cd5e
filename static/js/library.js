// The library by keyboard: moving among the cards, and what can be done with one or with those selected.

import "./bulk.js";
import "./favourites.js";
import "./dialog.js";
import "./place.js";
import "./refresher.js";
import { isTyping } from "./keys.js";
import { extendSelection, select, toggleSelected } from "./select.js";
import { clearSelection, hasSelection } from "./selection.js";

// What only serves whoever is there is loaded at the first sign of them.
const SIGNS = ["pointermove", "touchstart", "keydown", "scroll"];

function arrive() {
  for (const sign of SIGNS) removeEventListener(sign, arrive);
  const modules = [import("./timeline.js"), import("./look/buttons.js"), import("./film.js"), import("./drag-start.js")];
  if (document.querySelector("#results .rows")) modules.push(import("./columns.js"));
  // The page may be left meanwhile.
  for (const module of modules) module.catch(() => {});
}

for (const sign of SIGNS) addEventListener(sign, arrive, { passive: true });

// Between the list and the cards, the page is loaded again.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-layouts]") || submitter.value === "list" || !document.querySelector(".wall")) return;
  event.preventDefault();
  (await import("./sizes.js")).resize(form, submitter);
});

const findCards = () => Array.from(document.querySelectorAll("[data-cards] [data-asset]"));
const titleOf = (card) => card.querySelector(".card-title");
const focusedCard = () => document.activeElement?.closest?.("[data-asset]");

function nextCard(key) {
  const cards = findCards();
  const card = focusedCard();
  if (!card) return cards[0];
  const index = cards.indexOf(card);
  if (key === "ArrowRight") return cards[index + 1];
  if (key === "ArrowLeft") return cards[index - 1];
  const isDown = key === "ArrowDown";
  return nearestInNextRow(card, isDown ? cards.slice(index + 1) : cards.slice(0, index).reverse(), isDown);
}

function nearestInNextRow(card, candidates, isDown) {
  const here = card.getBoundingClientRect();
  const places = candidates.map((candidate) => [candidate, candidate.getBoundingClientRect()]);
  const isBeyond = ({ top, bottom }) => (isDown ? top >= here.bottom - 2 : bottom <= here.top + 2);
  const row = places.find(([, place]) => isBeyond(place))?.[1];
  if (!row) return null;
  const distance = ([, place]) => Math.abs(place.left + place.width / 2 - (here.left + here.width / 2));
  const inRow = places.filter(([, place]) => Math.abs(place.top - row.top) < 4);
  return inRow.sort((a, b) => distance(a) - distance(b))[0][0];
}

// Presses the button of a bulk action.
function runAction(action) {
  document.getElementById("selection").querySelector(`[value=${action}]`)?.click();
}

const SELECTION_KEYS = {
  c: () => runAction("copy"),
  Delete: () => runAction("trash"),
};

const look = async (card) => (await import("./look/look.js")).open(card);

const CARD_KEYS = {
  " ": look,
  x: toggleSelected,
  c: (card) => card.querySelector("[data-copy]")?.click(),
  e: (card) => location.assign(`${titleOf(card).href}#edit`),
  Delete: (card) => {
    select(card);
    runAction("trash");
  },
};

function move(event) {
  if (event.target.closest("nav, details")) return;
  const card = nextCard(event.key);
  if (!card) return;
  event.preventDefault();
  if (event.shiftKey && focusedCard()) extendSelection(focusedCard(), card);
  titleOf(card).focus();
  card.scrollIntoView({ block: "nearest" });
}

const isForButton = ({ key, target }) => key === " " && !target.matches(".card-title");

function act(event) {
  const card = focusedCard();
  if (hasSelection() && SELECTION_KEYS[event.key]) {
    SELECTION_KEYS[event.key]();
  } else if (card && CARD_KEYS[event.key] && !isForButton(event)) {
    event.preventDefault();
    CARD_KEYS[event.key](card);
  }
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "Escape") clearSelection();
  else if (event.key.startsWith("Arrow")) move(event);
  else act(event);
});

document.addEventListener("look:open", ({ detail, target }) => look(detail?.card ?? target));
