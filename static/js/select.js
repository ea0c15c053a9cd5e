// Selects cards: by checkbox, by clicking a card while others are selected, with Shift all between, with Ctrl+A those
// that are loaded and then all results, by heading, and with a rubber band from empty space.

import { isTyping } from "./keys.js";
import * as selection from "./selection.js";

const { changeSelection, findBoxes, hasSelection, isSelected, setSelection } = selection;
const boxOf = (card) => card.querySelector("[name=id]");
// Where a range begins, and the ids in it.
let anchor = "";
let range = [];

export function select(card) {
  changeSelection({ added: [boxOf(card).value] });
}

export function toggleSelected(card) {
  toggle(boxOf(card), !isSelected(boxOf(card)));
}

// All between a card and the one that was selected last, or `from`, in place of the range before.
export function extendSelection(from, to) {
  const boxes = findBoxes();
  const isThere = boxes.some(({ value }) => value === anchor);
  if (!isThere || !hasSelection()) [anchor, range] = [boxOf(from).value, []];
  const ends = [boxes.findIndex(({ value }) => value === anchor), boxes.indexOf(boxOf(to))].sort((a, b) => a - b);
  const removed = range;
  range = boxes.slice(ends[0], ends[1] + 1).map(({ value }) => value);
  changeSelection({ removed: removed.filter((id) => !range.includes(id)), added: range });
}

function toggle(box, isOn) {
  [anchor, range] = [box.value, [box.value]];
  changeSelection(isOn ? { added: [box.value] } : { removed: [box.value] });
}

function selectLoaded() {
  const ids = findBoxes().map(({ value }) => value);
  setSelection({ ids, all: findBoxes().every(isSelected) });
}

// A click from the keyboard has no detail: Enter opens the asset in any case.
function isSelecting(event) {
  return event.shiftKey || (hasSelection() && !event.ctrlKey && !event.metaKey && event.detail > 0);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const card = target.closest("[data-asset]");
  if (target.closest("[data-selection-clear]")) selection.clearSelection();
  else if (target.closest("[data-selection-all]")) setSelection({ ids: [], all: true });
  else if (target.closest(".card .card-title") && isSelecting(event)) {
    event.preventDefault();
    if (event.shiftKey) extendSelection(card, card);
    else toggleSelected(card);
  } else if (target.matches("[data-cards] [name=id]") && event.shiftKey) extendSelection(card, card);
});

document.addEventListener("change", ({ target }) => {
  const isCard = target.matches("[data-cards] [name=id]");
  if (isCard && target.checked !== isSelected(target)) toggle(target, target.checked);
  else if (target.matches("#selection [name=all]")) setSelection({ ids: [], all: target.checked });
  else if (target.matches("[data-select-group]")) import("./select-group.js").then(({ choose }) => choose(target, selection), () => {});
});

document.addEventListener("keydown", (event) => {
  const isAllKey = event.key === "a" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isAllKey || isTyping({ target: event.target, defaultPrevented: event.defaultPrevented })) return;
  if (!findBoxes().length) return;
  event.preventDefault();
  selectLoaded();
});

// What has no text of its own, so that text can still be selected, and no use of its own.
function isEmptySpace({ target, clientX, button }) {
  const isUsed = target.closest("[data-asset], a, button, input, label, form, summary, dialog, header, nav, aside");
  const hasText = Array.from(target.childNodes).some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim());
  return button === 0 && !isUsed && !hasText && clientX < document.documentElement.clientWidth;
}

document.addEventListener("mousedown", (event) => {
  if (event.defaultPrevented || !isEmptySpace(event) || !findBoxes().length) return;
  event.preventDefault();
  document.activeElement.blur();
  import("./rubber-band.js").then(({ start }) => start(event, selection), () => {});
});
