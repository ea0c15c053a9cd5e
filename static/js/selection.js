// What is selected of a list: also cards that are no longer loaded, for as long as this tab shows the list.
//
// Dispatches `selection:changed` on the document, with `ids`, and whether `all` results are selected.

const KEY = "selection";
const NO_CONDITIONS = ["sort", "layout", "from", "at", "after", "before"];
const selected = new Set();
let isAll = false;
let list;

export const findBoxes = () => Array.from(document.querySelectorAll("[data-cards] [name=id]"));
export const isSelected = ({ value }) => isAll || selected.has(value);

export function hasSelection() {
  return isAll || selected.size > 0;
}

export function readSelection() {
  return { ids: [...selected], all: isAll };
}

// `all`: whatever the search finds, loaded or not.
export function setSelection({ ids, all = false }) {
  const wanted = [...ids];
  selected.clear();
  for (const id of wanted) selected.add(id);
  isAll = all;
  show();
}

export function clearSelection() {
  setSelection({ ids: [] });
}

// Of all results, those that are loaded stay selected.
export function changeSelection({ added = [], removed = [] }) {
  const before = isAll ? findBoxes().map(({ value }) => value) : selected;
  const ids = new Set([...before, ...added]);
  for (const id of removed) ids.delete(id);
  setSelection({ ids });
}

function show() {
  for (const box of findBoxes()) {
    box.checked = isSelected(box);
    box.closest("[data-asset]").toggleAttribute("data-selected", box.checked);
  }
  document.documentElement.toggleAttribute("data-selecting", hasSelection());
  const form = document.getElementById("selection");
  if (form) form.elements.all.checked = isAll;
  save();
  if (hasSelection()) import("./selection-bar.js").then(announce, () => {});
  else announce();
}

function announce() {
  document.dispatchEvent(new CustomEvent("selection:changed", { detail: readSelection() }));
}

// --- The list that it belongs to ---

function save() {
  try {
    if (hasSelection()) sessionStorage.setItem(KEY, JSON.stringify({ list, ...readSelection() }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage, it ends with the page.
  }
}

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    if (kept?.list === list) return kept;
  } catch {
    // No storage, or not our JSON.
  }
  return { ids: [] };
}

// Another search or page has a selection of its own.
function arrive() {
  if (!document.getElementById("results")) return;
  const conditions = new URLSearchParams(location.search);
  for (const name of NO_CONDITIONS) conditions.delete(name);
  const here = `${location.pathname}?${conditions}`;
  const isFirst = list === undefined;
  if (here === list) {
    show();
    return;
  }
  list = here;
  setSelection(isFirst ? restore() : { ids: [] });
}

for (const swap of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(swap, arrive);
for (const arrival of ["pageshow", "page:swapped", "cards:replaced"]) addEventListener(arrival, arrive);
