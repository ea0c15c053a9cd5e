// Shows new assets at the top of the library as they are received, unless it is searched or sorted otherwise. Once there
// are many, a button says how many more: a wall that grew with every file would make the page slower and slower.
//
// Dispatches `cards:replaced` on the window after the button was pressed.

import { mergeGroups } from "../groups.js";

// In milliseconds: the first card comes at once, and others in steps.
const [MIN_PAUSE, STEP] = [50, 500];
const MAX_ADDED = 40;
// With more, the server would refuse the URL as too long.
const MAX_REFRESHED = 80;
const seen = new Set();
// Ids of new assets that have no card yet.
const waiting = new Set();
let timer;
let shownAt = 0;

document.addEventListener("upload:received", ({ detail: { id, created_at: createdAt } }) => {
  const { openedAt } = document.querySelector("[data-tray]").dataset;
  // What the person had already is not new, and may be anywhere in the library.
  if (seen.has(id) || !(new Date(createdAt) >= new Date(openedAt))) return;
  seen.add(id);
  waiting.add(id);
  timer ??= setTimeout(showNewCards, Math.max(MIN_PAUSE, shownAt + STEP - Date.now()));
});

document.addEventListener("click", ({ target }) => target.closest("[data-show-new]") && showAll());

function findResults() {
  const query = new URLSearchParams(location.search);
  const isNewestFirst = !["q", "sort"].some((name) => query.get(name));
  return isNewestFirst ? document.querySelector("[data-library-url]") : null;
}

const findCard = (id) => document.getElementById(`card-${id}`);

async function showNewCards() {
  timer = undefined;
  shownAt = Date.now();
  const results = findResults();
  // Another page, once it becomes the library, has them all.
  if (!results) waiting.clear();
  else if (roomIn(results) > 0) await addCards(results);
  showCount();
  if (results) showTotal(results.dataset.libraryUrl);
}

// How many assets there are, beside the title of the page.
function showTotal(listUrl) {
  const url = new URL(listUrl, location);
  url.searchParams.set("part", "total");
  const total = document.querySelector(".total[role=status]");
  if (total) window.htmx.ajax("GET", url.pathname + url.search, { target: total, swap: "innerHTML" }).catch(() => {});
}

function roomIn(results) {
  // Further down in the library, its newest cards have no place.
  if (results.querySelector("#before")) return 0;
  return MAX_ADDED - Number(results.querySelector("[data-cards]")?.dataset.added ?? 0);
}

async function addCards(results) {
  const page = await fetchResults(results.dataset.libraryUrl);
  // Meanwhile, the person may have gone elsewhere.
  if (!page || findResults() !== results) return;
  const cards = [...page.querySelectorAll("[data-cards] > [data-asset]")];
  const end = cards.findIndex((card) => findCard(card.id.replace("card-", "")));
  if (!results.querySelector("[data-cards]")) replace(results, page);
  else if (end < 0) skipTo(results, page);
  else if (end > 0) prepend(results, withHeadings(page, cards.slice(Math.max(0, end - roomIn(results)), end)), page.querySelector("#refresher"));
}

// So many came at once that some would be missing in between: the wall stays as it is, if somebody is at work in it.
function skipTo(results, page) {
  const isInUse = scrollY > 0 || results.querySelector("[name=id]:checked") || results.contains(document.activeElement);
  if (!isInUse) replace(results, page);
  results.querySelector("[data-cards]").dataset.added = MAX_ADDED;
}

async function fetchResults(url) {
  try {
    const response = await fetch(url, { headers: { "hx-request": "true", "hx-target": "results" } });
    if (!response.ok || response.redirected) return null;
    const page = document.createElement("template");
    page.innerHTML = await response.text();
    page.content.getElementById("search-chips")?.remove();
    return page.content;
  } catch {
    // The tray says that the server is away.
    return null;
  }
}

// The cards among the days that they are of, and an end to the row before the next day.
function withHeadings(page, cards) {
  const parts = [...page.querySelectorAll("[data-cards] > :is([data-group], .wall-fill, [data-asset])")];
  const last = parts.indexOf(cards.at(-1));
  return parts.filter((part, at) => at <= last + 1 && (cards.includes(part) || !part.matches("[data-asset]")));
}

// The selection, the focus and the scroll position stay.
function prepend(results, parts, refresher) {
  const wall = results.querySelector("[data-cards]");
  const cards = parts.filter((part) => part.matches("[data-asset]"));
  wall.dataset.added = Number(wall.dataset.added ?? 0) + cards.length;
  wall.prepend(...parts);
  mergeGroups(wall);
  keepRefreshing(refresher);
  window.htmx.process(results);
}

// The cards that were unfinished before go on being refreshed.
function keepRefreshing(refresher) {
  const earlier = document.getElementById("refresher");
  if (!refresher.hasAttribute("hx-get")) return;
  const url = readUrl(refresher);
  const ids = new Set(url.searchParams.getAll("id"));
  const earlierIds = earlier.hasAttribute("hx-get") ? readUrl(earlier).searchParams.getAll("id") : [];
  for (const id of earlierIds.slice(0, MAX_REFRESHED - ids.size)) if (!ids.has(id)) url.searchParams.append("id", id);
  refresher.setAttribute("hx-get", url.pathname + url.search);
  earlier.replaceWith(refresher);
}

function readUrl(refresher) {
  return new URL(refresher.getAttribute("hx-get"), location.href);
}

function replace(results, page) {
  waiting.clear();
  results.replaceChildren(...page.children);
  window.htmx.process(results);
}

function showCount() {
  for (const id of waiting) if (findCard(id)) waiting.delete(id);
  const button = document.querySelector("[data-show-new]");
  if (!button) return;
  const { size } = waiting;
  button.textContent = `Show ${size.toLocaleString("en-US")} new asset${size === 1 ? "" : "s"}`;
  button.parentElement.hidden = !size;
}

// The first page as it is now. What is selected and still on it stays selected.
async function showAll() {
  const results = findResults();
  const page = await fetchResults(results.dataset.libraryUrl);
  if (!page || findResults() !== results) return;
  const selected = Array.from(results.querySelectorAll("[name=id]:checked"), ({ value }) => value);
  replace(results, page);
  for (const box of results.querySelectorAll("[name=id]")) box.checked = selected.includes(box.value);
  dispatchEvent(new CustomEvent("cards:replaced"));
  scrollTo(0, 0);
  results.querySelector(".card-title")?.focus();
}
