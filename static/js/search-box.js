// The search box as a combobox: completes conditions with what the server suggests, and keeps them as chips.
//
// Dispatches `search:changed` on the form when the list should follow; htmx answers it on pages that show a list.

import { fetchSuggestions, stopSuggesting } from "./suggestions.js";

// A condition: a minus, a name, a colon, and values with or without quotes.
const CONDITION = /[-–—−－]?\p{L}+[:：](?:"(?:[^"]|"")*(?:"|$)|[^\s"])*/u;
const AT_END = new RegExp(`(?:^|\\s)(${CONDITION.source})$`, "u");
const ENDED = new RegExp(`(^|\\s)(${CONDITION.source})(?=\\s)`, "gu");
const LAST_WORD = /(?:^|\s)([^\s"]+)$/u;
const NAMES = /^[-–—−－]?(type|tag|in|by|is|after|before|size|width|height)[:：]./iu;
const SHAPES = /^[-–—−－]?(wide|tall|square)[:：]$/iu;
const DELAY = 120;
const form = () => document.querySelector("[data-search-form]");
const box = () => document.querySelector("[data-search]");
const list = () => document.getElementById("search-options");
const chips = () => Array.from(form().querySelectorAll("[data-chip]"));
const options = () => Array.from(list().children);
const isCondition = (text) => NAMES.test(text) || SHAPES.test(text);
let timer = null;
let active = -1;
// What is being typed, and whether it is exactly one of the suggestions.
let typed = "";
let isKnown = false;
let sent = null;
// Whether what is typed next is a step to go back to, rather than more of the same.
let isNewStep = true;

function readTyped() {
  const value = box().value;
  return (AT_END.exec(value) ?? LAST_WORD.exec(value))?.[1] ?? (value ? null : "");
}

// The words that count: without a condition that is still being typed.
function readWords() {
  const { value } = box();
  const condition = AT_END.exec(value)?.[1];
  const isUnfinished = condition && isSomeCondition(condition) && !isKnown;
  return isUnfinished ? value.slice(0, -condition.length) : value;
}

const isSomeCondition = (text) => isCondition(text) || isCondition(`${text}x`);

const join = (words) => [...chips().map((chip) => chip.dataset.chip), words.trim()].filter(Boolean).join(" ");

function compose() {
  form().dataset.words = readWords();
  return join(form().dataset.words);
}

function changeSoon(delay = DELAY) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    const text = compose();
    if (text === sent) return;
    sent = text;
    if (isNewStep && form().hasAttribute("hx-get")) addStep();
    form().dispatchEvent(new CustomEvent("search:changed", { bubbles: true }));
  }, delay);
}

// The answer puts its URL in the place of this one.
function addStep() {
  isNewStep = false;
  history.replaceState({ ...history.state, htmx: true }, "");
  history.pushState(history.state, "");
}

// --- Chips. The server sends its own with the results. ---

function addChip(text) {
  if (chips().some((chip) => chip.dataset.chip === text)) return;
  const chip = document.getElementById("search-chip").content.cloneNode(true).firstElementChild;
  const edit = chip.querySelector("[data-chip]");
  edit.textContent = edit.dataset.chip = text;
  chip.querySelector("[data-chip-remove] span").textContent = `Remove ${text}`;
  document.getElementById("search-chips").append(chip);
  chip.scrollIntoView({ block: "nearest", inline: "end" });
}

// Makes chips of the conditions that a space has ended or, with `all`, also of the last one.
function takeConditions({ all = false } = {}) {
  const input = box();
  const found = [];
  const text = all ? `${input.value} ` : input.value;
  const rest = text.replace(ENDED, (whole, space, condition) => {
    if (!isCondition(condition)) return whole;
    found.push(condition);
    return space;
  });
  if (!found.length) return false;
  input.value = rest.replace(/\s+/gu, " ").trimStart();
  found.forEach(addChip);
  return true;
}

function removeChip(chip) {
  isNewStep = true;
  chip.closest("li").remove();
  box().focus();
  changeSoon(0);
}

function editChip(chip) {
  const input = box();
  input.value = [input.value.trim(), chip.dataset.chip].filter(Boolean).join(" ");
  chip.closest("li").remove();
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
  update();
}

// --- Suggestions ---

async function showSuggestions() {
  typed = readTyped();
  if (typed === null) return close();
  const wanted = typed;
  const html = await fetchSuggestions(form(), compose(), wanted);
  if (html === null || wanted !== readTyped() || document.activeElement !== box()) return;
  list().innerHTML = html;
  active = -1;
  const isOpen = options().length > 0;
  list().hidden = !isOpen;
  box().setAttribute("aria-expanded", isOpen);
  box().removeAttribute("aria-activedescendant");
  const exact = options().some(({ dataset }) => "complete" in dataset && isSame(dataset.text, wanted));
  if (exact === isKnown) return;
  isKnown = exact;
  changeSoon(0);
}

const isSame = (one, other) => one.toLowerCase().replaceAll('"', "") === other.toLowerCase().replaceAll('"', "");

function close() {
  stopSuggesting();
  list().hidden = true;
  active = -1;
  box().setAttribute("aria-expanded", false);
  box().removeAttribute("aria-activedescendant");
}

function activate(index) {
  const all = options();
  active = (index + all.length + 1) % (all.length + 1);
  if (active === all.length) active = -1;
  all.forEach((option, at) => option.setAttribute("aria-selected", at === active));
  const option = all[active];
  if (!option) return box().removeAttribute("aria-activedescendant");
  box().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(option) {
  const input = box();
  const before = typed ? input.value.slice(0, -typed.length) : input.value;
  const isComplete = "complete" in option.dataset;
  input.value = isComplete ? before : before + option.dataset.text;
  input.focus();
  if (!isComplete) return update();
  addChip(option.dataset.text);
  isNewStep = true;
  close();
  isKnown = false;
  return changeSoon(0);
}

function update() {
  isKnown = false;
  takeConditions();
  showSuggestions();
  changeSoon();
}

// --- Events ---

const isOpen = () => !list().hidden;

const KEYS = {
  ArrowDown: () => (isOpen() ? activate(active + 1) : showSuggestions()),
  ArrowUp: () => isOpen() && activate(active < 0 ? options().length - 1 : active - 1),
  Escape: () => (isOpen() ? close() : false),
  Enter: () => (active >= 0 ? choose(options()[active]) : finish()),
  Tab: (event) => {
    const isUnfinished = typed && isSomeCondition(typed);
    if (!isOpen() || event.shiftKey || (active < 0 && !isUnfinished)) return false;
    return choose(options()[Math.max(0, active)]);
  },
  Backspace: () => {
    const last = chips().at(-1);
    const place = form().querySelector("[data-chip-place]");
    if (!(last ?? place) || box().selectionStart || box().selectionEnd) return false;
    return last ? removeChip(last) : place.click();
  },
};

// Enter: on a page with a list, that follows; elsewhere, the form is sent.
function finish() {
  takeConditions({ all: true });
  close();
  compose();
  if (!form().hasAttribute("hx-get")) return false;
  if (matchMedia("(pointer: coarse)").matches) box().blur();
  return changeSoon(0);
}

document.addEventListener("keydown", (event) => {
  if (event.target !== box() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key] && KEYS[event.key](event) !== false) event.preventDefault();
});

document.addEventListener("input", (event) => event.target === box() && !event.isComposing && update());
document.addEventListener("compositionend", ({ target }) => target === box() && update());

document.addEventListener("pointerdown", (event) => {
  // The focus stays in the box.
  if (event.target.closest("#search-options")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const { target } = event;
  const option = target.closest("#search-options [role=option]");
  const chip = target.closest("[data-chip]");
  const remover = target.closest("[data-chip-remove]");
  if (option) choose(option);
  else if (chip) editChip(chip);
  else if (remover && form().hasAttribute("hx-get")) {
    event.preventDefault();
    removeChip(remover);
  } else if (target === box()) showSuggestions();
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (target !== box() || form().contains(relatedTarget)) return;
  close();
  isNewStep = true;
  if (takeConditions({ all: true })) changeSoon(0);
});

// Those of an earlier search: the person has changed the conditions since.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (timer && event.detail.target.id === "search-chips") event.detail.shouldSwap = false;
});

// The results of another request, such as a filter's.
document.addEventListener("htmx:afterSwap", ({ target }) => target.id === "results" && (sent = compose()));

// What was typed before this module came is news.
sent = join(box().defaultValue);
if (box().value !== box().defaultValue) update();
