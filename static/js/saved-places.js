// The places where lists were left, by entry of the history, in this tab.

const KEY = "places";
const MAX_PLACES = 50;

function readAll() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY)) ?? []);
  } catch {
    // No storage, or not our JSON.
    return new Map();
  }
}

export function readPlace(entry) {
  return readAll().get(entry) ?? null;
}

export function savePlace(entry, place) {
  const places = readAll();
  // The latest is the last.
  places.delete(entry);
  places.set(entry, place);
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...places].slice(-MAX_PLACES)));
  } catch {
    // Without storage, the way back leads to the top of the list.
  }
}

// Where the list was left last by opening this card.
export function findPlaceOf(cardId) {
  return [...readAll().values()].findLast(({ cards, wasOpened }) => wasOpened && cards[0] === cardId) ?? null;
}
