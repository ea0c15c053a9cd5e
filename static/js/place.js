// Remembers where a list is left, by step of the history of this tab, and has it come back there.

const KEY = "places";
const MAX_PLACES = 50;
const LINK_TO_CARD = /^#card-[0-9a-f-]{36}$/;
// Of the cards before the one that was opened, so many are loaded with it, if they were in sight or near.
const MAX_BEFORE = 50;
const SCREENS_BEFORE = 1.8;

const findWall = () => document.querySelector("#results [data-cards]");
const topOf = (element) => element.getBoundingClientRect().top;
const isInSight = (card) => card.getBoundingClientRect().bottom > 0 && topOf(card) < innerHeight;

// The step of the history that shows the list.
let step;
let opened = null;

function readPlaces() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY)) ?? []);
  } catch {
    // No storage, or not our JSON.
    return new Map();
  }
}

function savePlace(place) {
  const places = readPlaces();
  // The latest is the last.
  places.delete(step);
  places.set(step, place);
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...places].slice(-MAX_PLACES)));
  } catch {
    // Without storage, the way back leads to the top of the list.
  }
}

function leave() {
  const cards = Array.from(findWall()?.querySelectorAll("[data-asset]") ?? []);
  if (!step || !cards.length) return;
  const candidates = [opened, document.activeElement?.closest("[data-asset]")];
  const left = candidates.find((card) => cards.includes(card) && isInSight(card));
  const index = cards.indexOf(left ?? cards.find(isInSight) ?? cards[0]);
  savePlace({
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

// `state`: of the step, if it was there before.
async function arrive(state) {
  const linked = LINK_TO_CARD.test(location.hash) ? location.hash.slice(1) : "";
  if (linked) history.replaceState(history.state, "", location.pathname + location.search);
  step = findWall() ? (state?.place ?? `${Date.now()} ${Math.random()}`) : undefined;
  if (!step) return;
  const places = readPlaces();
  const place = places.get(step) ?? [...places.values()].findLast((one) => one.wasOpened && one.cards[0] === linked);
  keepStep();
  history.scrollRestoration = "manual";
  if (!place && !linked && !document.getElementById("before")) return;
  const { comeBack, show } = await import("./come-back.js");
  if (place) comeBack(place);
  else if (linked) show(linked);
}

// Shows the list again as it is now, where it is.
export async function refreshList() {
  const { comeBack, load } = await import("./come-back.js");
  leave();
  await (findWall() ? comeBack(readPlaces().get(step), { isStale: true }) : load({}, true));
}

// The browser has kept the page as it was. The asset that was opened may have changed since.
async function resume(card) {
  const place = readPlaces().get(step);
  const title = card.querySelector(".card-title");
  title.focus({ preventScroll: true });
  // WebKit keeps it, but not always its scroll position.
  if (place?.wasOpened) scrollBy({ top: topOf(card) - place.top, behavior: "instant" });
  const response = await fetch(card.dataset.asset, { headers: { accept: "application/json" } }).catch(() => null);
  const asset = response?.ok ? await response.json() : null;
  const wasTrashed = Boolean(document.querySelector("#selection [name=trash]"));
  const isSame = asset?.title === title.textContent && Boolean(asset.trashed_at) === wasTrashed;
  if (!response || !place || isSame) return;
  const { comeBack } = await import("./come-back.js");
  comeBack(place, { isStale: true });
}

function keepStep() {
  history.replaceState({ ...history.state, place: step }, "");
}

document.addEventListener("click", ({ target }) => (opened = target.closest("[data-asset]")), { capture: true });
for (const departure of ["pagehide", "page:leaving"]) addEventListener(departure, leave);
addEventListener("page:swapped", () => arrive(history.state));
addEventListener("pageshow", ({ persisted }) => persisted && opened?.isConnected && resume(opened));
// htmx replaces the state along with the URL.
for (const done of ["pushedInto", "replacedIn"]) document.addEventListener(`htmx:${done}History`, keepStep);
// Whoever follows a link to the page that is open, or enters its address again, wants its beginning.
const [{ name, type }] = performance.getEntriesByType("navigation");
// Nor does anybody who goes on in the history before htmx listens want the page before.
if (document.readyState === "interactive" && name.split("#")[0] !== location.href.split("#")[0]) location.reload();
arrive(type === "navigate" ? null : history.state);
