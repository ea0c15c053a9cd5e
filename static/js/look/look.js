// The quick look: an asset of the list, large over the page, and those before and after it.
//
// library.js opens it on the event `look:open`. What it shows of an asset, and whatever may be done with it, is the
// server's answer; this script adds what belongs to the list: its order, its selection, its place.

import { post } from "../post.js";
import { toggleSelected } from "../select.js";
import { toast, toastError } from "../toast.js";
import { loadStyle } from "../upload/load-style.js";
import { prepare } from "../zoom.js";
import "../stage.js";
import { findCard, findCards, isAtEnd, loadMore, titleOf } from "./cards.js";
import { drawStrip } from "./strip.js";
import { fetchLook, forget, prefetch } from "./fetch.js";
import { leaveHistory, enterHistory, whenLeft } from "./history.js";
import { press } from "./keys.js";
import { watchSwipes } from "./swipe.js";

const FACTS = "look-facts";
// Once so few cards are left on one side, more of them are loaded.
const FEW = 8;
const [OUTLINE_DELAY, REFRESH_DELAY] = [60, 2000]; // milliseconds
const motion = matchMedia("(prefers-reduced-motion: no-preference)");

const dialog = Object.assign(document.createElement("dialog"), { className: "look", tabIndex: -1 });
dialog.setAttribute("aria-labelledby", "look-title");
document.body.append(dialog);
const find = (selector) => dialog.querySelector(selector);
const findPart = (name) => find(`[data-look-part=${name}]`);
// The id of the card, and its place in the list if it has left it.
let current = "";
let index = 0;

export async function open(card) {
  if (dialog.open) return;
  await whenLeft();
  await show(card);
}

// --- What is shown ---

async function show(card) {
  const isFirst = !dialog.open;
  current = card.id;
  index = findCards().indexOf(card);
  // A moment later, so that what is there already does not flicker.
  const timer = setTimeout(showOutline, OUTLINE_DELAY, card);
  const content = await fetchLook(card).catch(toastError);
  clearTimeout(timer);
  // Somebody has gone on, or closed it.
  if (current !== card.id || dialog.open === isFirst) return;
  if (!content) return showOutline(card);
  await (isFirst ? begin(content) : fill(content));
  arrive(card);
}

// What the card knows, until the server has answered.
function showOutline(card) {
  if (!dialog.open || current !== card.id) return;
  const picture = card.querySelector("img")?.cloneNode();
  findPart("stage").firstElementChild.replaceChildren(...(picture ? [picture] : []));
  find("#look-title").textContent = titleOf(card).textContent;
}

async function begin(content) {
  const shell = content.querySelector(".look-shell");
  for (const href of shell.dataset.styles.split(" ")) {
    if (!document.querySelector(`link[href="${href}"]`)) await loadStyle(href);
  }
  dialog.replaceChildren(shell);
  dialog.toggleAttribute("data-facts", localStorage.getItem(FACTS) === "shown");
  dialog.showModal();
  dialog.focus();
  enterHistory(() => dialog.close());
}

function fill(content, parts = ["stage", "bar", "panel"]) {
  const { title } = document.activeElement;
  for (const name of parts) findPart(name).replaceWith(content.querySelector(`[data-look-part=${name}]`));
  if (dialog.contains(document.activeElement)) return;
  // The same button of the next asset.
  ((title && find(`[title="${CSS.escape(title)}"]`)) || dialog).focus();
}

function arrive(card) {
  const title = find("#look-title").textContent;
  find("[data-look-announcer]").textContent = title;
  card.scrollIntoView({ block: "nearest", behavior: "instant" });
  prepareParts();
  start(find(".stage :is(video, audio)"));
  drawStrip(find("[data-look-strip]"), card);
  for (const by of [-1, 1]) {
    find(`[data-look-step="${by}"]`).setAttribute("aria-disabled", isAtEnd(card, by));
    const next = findCards()[index + by];
    if (next) prefetch(next, { withOriginal: by > 0 });
  }
  if (findCards().length - index < FEW) loadMore("more");
}

function prepareParts() {
  window.htmx.process(dialog);
  prepare();
  showButtons();
  const { unfinished } = findPart("bar").dataset;
  if (unfinished !== undefined) setTimeout(refresh, REFRESH_DELAY, current);
}

function showButtons() {
  const box = findCard(current)?.querySelector("[name=id]");
  find("[data-look-select]").setAttribute("aria-pressed", Boolean(box?.checked));
  find("[data-look-info]").setAttribute("aria-pressed", dialog.hasAttribute("data-facts"));
}

// A browser loads nothing in the document that the answer was parsed in, and does not begin by itself in this one.
function start(media) {
  media?.load();
  if (media?.tagName !== "VIDEO" || !motion.matches) return;
  media.muted = true;
  media.play().catch(() => {});
}

// What may be otherwise now. Not the picture: a film would begin again.
async function refresh(id = current) {
  const card = findCard(id);
  if (!card || id !== current || !dialog.open) return;
  forget(card);
  const content = await fetchLook(card).catch(() => null);
  if (!content || id !== current || !dialog.open) return;
  fill(content, find(".stage .kind") ? undefined : ["bar", "panel"]);
  prepareParts();
}

// --- What may be done ---

async function step(by) {
  const side = by > 0 ? "more" : "before";
  const next = neighbour(by) ?? ((await loadMore(side)) && neighbour(by));
  if (next && dialog.open) await show(next);
}

// In the place of a card that has left the list is the one after it.
function neighbour(by) {
  const cards = findCards();
  const at = cards.indexOf(findCard(current));
  return cards[at < 0 ? index + Math.min(by, 0) : at + by];
}

function toggleFacts() {
  const isShown = dialog.toggleAttribute("data-facts");
  localStorage.setItem(FACTS, isShown ? "shown" : "hidden");
  showButtons();
}

function selectCurrent() {
  const card = findCard(current);
  if (!card?.querySelector("[name=id]")) return;
  toggleSelected(card);
  showButtons();
}

// The list stays one step back from the asset's page.
function openPage(event) {
  if (event?.ctrlKey || event?.metaKey || event?.shiftKey) return;
  event?.preventDefault();
  const { href } = find("[data-look-page]");
  const left = leaveHistory();
  dialog.close();
  left.then(() => location.assign(href));
}

async function send(form) {
  try {
    const response = await post(form.action);
    toast(form.dataset.lookSend || (await response.json()).message);
    dispatchEvent(new CustomEvent("assets:changed"));
  } catch (error) {
    toastError(error);
  }
}

const click = (selector) => find(selector)?.click();
const showAt = (at) => findCards().at(at) && show(findCards().at(at));

const ACTIONS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  Home: () => showAt(0),
  End: () => showAt(-1),
  c: () => click("[data-copy]"),
  f: () => click("[data-favourite]"),
  i: toggleFacts,
  t: () => click("[value=tag]"),
  x: selectCurrent,
  Enter: () => find("[data-look-page]") && openPage(),
  " ": () => dialog.close(),
  "+": () => click("[data-zoom-by='1']"),
  "-": () => click("[data-zoom-by='-1']"),
  0: () => click("[data-zoom-by='0']"),
};

dialog.addEventListener("keydown", (event) => press(event, ACTIONS));

dialog.addEventListener("click", (event) => {
  const { target } = event;
  const by = target.closest("[data-look-step]")?.dataset.lookStep;
  const id = target.closest("[data-look-go]")?.dataset.lookGo;
  if (by) step(Number(by));
  else if (id) show(findCard(id));
  else if (target.closest("[data-look-close]")) dialog.close();
  else if (target.closest("[data-look-info]")) toggleFacts();
  else if (target.closest("[data-look-select]")) selectCurrent();
  else if (target.closest("[data-look-page]")) openPage(event);
});

dialog.addEventListener("submit", (event) => {
  if (!("lookSend" in event.target.dataset)) return;
  event.preventDefault();
  send(event.target);
});

watchSwipes(dialog, { left: () => step(1), right: () => step(-1), down: () => dialog.close() });

dialog.addEventListener("close", ({ target }) => {
  if (target !== dialog) return;
  const card = findCard(current) ?? findCards()[Math.min(index, findCards().length - 1)];
  dialog.replaceChildren();
  leaveHistory();
  card?.scrollIntoView({ block: "nearest", behavior: "instant" });
  titleOf(card)?.focus({ preventScroll: true });
});

// By a dialog over this one, an undo, or an answer to what was sent.
document.getElementById("dialog").addEventListener("close", () => refresh());
addEventListener("assets:changed", () => refresh());
