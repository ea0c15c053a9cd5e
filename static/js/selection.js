// Selects cards of the library: by checkbox, by clicking a card while others are selected, and with Shift all between.

const findBoxes = () => Array.from(document.querySelectorAll("[data-cards] [name=id]"));
const boxOf = (card) => card.querySelector("[name=id]");
let lastClicked = null;

export function hasSelection() {
  return findBoxes().some((box) => box.checked);
}

export function select(card) {
  boxOf(card).checked = true;
  showCount();
}

export function toggleSelected(card) {
  boxOf(card).click();
}

export function clearSelection() {
  for (const box of findBoxes()) box.checked = false;
  lastClicked = null;
  showCount();
}

function showCount() {
  const count = findBoxes().filter(showIfSelected).length;
  document.documentElement.toggleAttribute("data-selecting", count > 0);
  const form = document.getElementById("selection");
  if (!form) return;
  if (!count) form.elements.all.checked = false;
  const text = form.elements.all.checked ? "All selected" : `${count} selected`;
  form.querySelector("[data-selection-count]").textContent = text;
}

function showIfSelected(box) {
  box.closest("[data-asset]").toggleAttribute("data-selected", box.checked);
  return box.checked;
}

function checkBetween(box, isChecked) {
  const boxes = findBoxes();
  const [from, to] = [boxes.indexOf(lastClicked), boxes.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const between of boxes.slice(from, to + 1)) between.checked = isChecked;
}

// A click from the keyboard has no detail: Enter opens the asset in any case.
function isSelecting(event) {
  return event.shiftKey || (hasSelection() && !event.ctrlKey && !event.metaKey && event.detail > 0);
}

function clickCard(event, card) {
  event.preventDefault();
  const box = boxOf(card);
  box.checked = event.shiftKey || !box.checked;
  if (event.shiftKey) checkBetween(box, true);
  lastClicked = box;
  showCount();
}

function clickBox(event, box) {
  if (event.shiftKey) checkBetween(box, box.checked);
  lastClicked = box;
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const title = target.closest(".card .card-title");
  const box = target.closest("[data-cards] [name=id]");
  if (target.closest("[data-selection-clear]")) clearSelection();
  else if (title && isSelecting(event)) clickCard(event, title.closest("[data-asset]"));
  else if (box) clickBox(event, box);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[name=id], [name=all]")) showCount();
});

// While all results are selected, so are the cards that are loaded later.
document.addEventListener("htmx:afterSwap", () => {
  if (document.getElementById("selection")?.elements.all.checked) for (const box of findBoxes()) box.checked = true;
  showCount();
});

// Browsers keep ticks when they come back to a page.
for (const arrival of ["pageshow", "page:swapped", "cards:replaced"]) addEventListener(arrival, showCount);
