// Remembers where a list was left, and comes back there: to the same rows at the same height, and to the card that was
// opened. However far down that is, only the cards around it are loaded.
//
// Dispatches `cards:replaced` on the window after it has loaded them.

import { readPlace, savePlace, findPlaceOf } from "./saved-places.js";

const LINK_TO_CARD = /^#card-[0-9a-f-]{36}$/;
// Of the cards before the one that was opened, so many are loaded with it, if they were in sight or near.
const MAX_BEFORE = 50;
const SCREENS_BEFORE = 1.8;

const findWall = () => document.querySelector("#results [data-cards]");
const cardsOf = (wall) => Array.from(wall?.querySelectorAll("[data-asset]") ?? []);
const topOf = (element) => element.getBoundingClientRect().top;
const isInSight = (card) => card.getBoundingClientRect().bottom > 0 && topOf(card) < innerHeight;

// The entry of the history that shows the list.
let entry;
let opened = null;

// --- Leaving ---

document.addEventListener("click", ({ target }) => (opened = target.closest("[data-asset]")), { capture: true });

function leave() {
  const cards = cardsOf(findWall());
  if (!entry || !cards.length) return;
  const candidates = [opened, document.activeElement?.closest("[data-asset]")];
  const left = candidates.find((card) => cards.includes(card) && isInSight(card));
  const index = cards.indexOf(left ?? cards.find(isInSight) ?? cards[0]);
  savePlace(entry, {
    start: cards[findStart(cards, index)].id,
    // In the place of one that has left the list is the next one, or else the one before.
    cards: [cards[index], cards[index + 1], cards[index - 1]].map((card) => card?.id),
    top: topOf(cards[index]),
    isAtTop: scrollY === 0,
    wasOpened: Boolean(left),
  });
}

// The card that begins a row some way above the screen, so that those after it stand in the same rows again.
function findStart(cards, index) {
  const near = cards.findIndex((card) => topOf(card) > -SCREENS_BEFORE * innerHeight);
  const from = Math.max(0, index - MAX_BEFORE, near);
  const start = cards.findIndex((card, at) => at >= from && (at === 0 || topOf(card) !== topOf(cards[at - 1])));
  return Math.max(0, Math.min(index, start));
}

// --- Coming back ---

async function arrive() {
  entry = undefined;
  if (!findWall()) return;
  const linked = LINK_TO_CARD.test(location.hash) ? location.hash.slice(1) : "";
  const place = readPlace(history.state?.place) ?? (linked ? findPlaceOf(linked) : null);
  entry = history.state?.place ?? `${Date.now()} ${Math.random()}`;
  history.replaceState({ ...history.state, place: entry }, "", linked ? location.pathname + location.search : "");
  history.scrollRestoration = "manual";
  if (place) await comeBack(place);
  else if (linked) await show(linked);
}

async function comeBack(place) {
  if (cardsOf(findWall())[0]?.id !== place.start || !align(place)) {
    // At the top, new assets may have come, and are what one wants to see.
    if (!place.isAtTop) await load({ from: idOf(place.start) });
    align(place);
  }
  const card = findCard(place);
  if (card && place.wasOpened) focus(card);
}

const findCard = ({ cards }) => cards.map((id) => id && document.getElementById(id)).find(Boolean);

// Returns whether the card is where it was.
function align(place) {
  const card = findCard(place);
  if (!card || place.isAtTop) return Boolean(card);
  scrollBy({ top: topOf(card) - place.top, behavior: "instant" });
  const isThere = Math.abs(topOf(card) - place.top) < 2;
  if (!isInSight(card)) card.scrollIntoView({ block: "center", behavior: "instant" });
  return isThere;
}

// A card that was not opened from this list, such as a neighbour of one that was.
async function show(id) {
  if (!document.getElementById(id)) await load({ at: idOf(id) });
  const card = document.getElementById(id);
  if (!card) return;
  card.scrollIntoView({ block: "center", behavior: "instant" });
  focus(card);
}

const idOf = (cardId) => cardId.replace("card-", "");
const focus = (card) => card.querySelector(".card-title").focus({ preventScroll: true });

// Replaces the list with a part of it.
async function load(parameters) {
  const wall = findWall();
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const response = await fetch(url, { headers: { "hx-request": "true", "hx-target": "results" } }).catch(() => null);
  if (!response?.ok || findWall() !== wall) return;
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  if (!page.content.querySelector("[data-cards]")) return;
  const results = document.getElementById("results");
  results.replaceChildren(...page.content.children);
  window.htmx.process(results);
  dispatchEvent(new CustomEvent("cards:replaced"));
}

// --- Cards that are loaded above others leave them where they are ---

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (target.id !== "before") return;
  const anchor = cardsOf(findWall()).find(isInSight) ?? target;
  const top = topOf(anchor);
  const root = document.documentElement;
  // The browser would do the same where it can, but not at the very top.
  root.style.overflowAnchor = "none";
  document.addEventListener("htmx:afterSettle", () => (root.style.overflowAnchor = ""), { once: true });
  document.addEventListener("htmx:afterSwap", () => scrollBy({ top: topOf(anchor) - top, behavior: "instant" }), { once: true });
});

for (const departure of ["pagehide", "page:leaving"]) addEventListener(departure, leave);
addEventListener("page:swapped", arrive);
// htmx replaces the state along with the URL.
document.addEventListener("htmx:replacedInHistory", () => {
  history.replaceState({ ...history.state, place: entry }, "");
});
arrive();
