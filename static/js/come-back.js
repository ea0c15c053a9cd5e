// Brings a list back to where it was left: the same rows at the same height. However far down that is, only the cards
// around it are loaded.
//
// Dispatches `cards:replaced` on the window after it has loaded them.

import { mergeGroups } from "./groups.js";
import { morphInside } from "./refresh.js";

const findWall = () => document.querySelector("#results [data-cards]");
const cardsOf = (wall) => Array.from(wall.querySelectorAll("[data-asset]"));
const topOf = (element) => element.getBoundingClientRect().top;
const isInSight = (card) => card.getBoundingClientRect().bottom > 0 && topOf(card) < innerHeight;
const idOf = (cardId) => cardId.replace("card-", "");
// Not if the person has put the focus elsewhere meanwhile.
function focus(card) {
  const isFree = document.activeElement?.matches("body, main, #results *") ?? true;
  if (isFree) card.querySelector(".card-title").focus({ preventScroll: true });
}
const findCard = ({ cards }) => cards.map((id) => id && document.getElementById(id)).find(Boolean);

// `place`: as place.js has saved it.
export async function comeBack(place, { isStale = false } = {}) {
  const isThere = !isStale && cardsOf(findWall())[0]?.id === place.start && align(place);
  if (!isThere) {
    // At the top, new assets may have come, and are what one wants to see.
    if (isStale || !place.isAtTop) await load(place.isAtTop ? {} : { from: idOf(place.start) }, isStale);
    align(place);
  }
  const card = findCard(place);
  if (card && place.wasOpened) focus(card);
}

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
export async function show(id) {
  if (!document.getElementById(id)) await load({ at: idOf(id) });
  const card = document.getElementById(id);
  if (!card) return;
  card.scrollIntoView({ block: "center", behavior: "instant" });
  focus(card);
}

// Replaces the list with a part of it or, if it may be, with what is shown in place of an empty one.
export async function load(parameters, mayBeEmpty = false) {
  const wall = findWall();
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const response = await fetch(url, { headers: { "hx-request": "true", "hx-target": "results" } }).catch(() => null);
  if (!response?.ok || findWall() !== wall) return;
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  // The search box has its own already.
  page.content.getElementById("search-chips")?.remove();
  if (!mayBeEmpty && !page.content.querySelector("[data-cards]")) return;
  const results = document.getElementById("results");
  await morphInside(results, page.content);
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
  const hold = () => {
    mergeGroups(findWall());
    scrollBy({ top: topOf(anchor) - top, behavior: "instant" });
  };
  document.addEventListener("htmx:afterSwap", hold, { once: true });
});
