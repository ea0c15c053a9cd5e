// The navigation: its collections open in place, it can be folded, and it is drawn again after
// `navigation:changed` and after changes of assets. What is open is kept in cookies: the server reads them, so that
// nothing moves when a page comes.

import "./dialog.js";
import { press as pressArrow } from "./arrows.js";
import { isTyping } from "./keys.js";

const MAX_OPENED = 12;
const { root } = document.documentElement.dataset;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=${root}; max-age=31536000; samesite=lax`;
}

function recall(name) {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}

async function fetchPart(navigation, parameters = {}) {
  const search = new URLSearchParams({ at: location.pathname + location.search, ...parameters });
  const response = await fetch(`${navigation.dataset.navigation}?${search}`).catch(() => null);
  return response?.ok && !response.redirected ? response.text() : null;
}

function fold() {
  const isFolded = document.body.classList.toggle("folded");
  document.querySelector("[data-fold-sidebar]").setAttribute("aria-expanded", String(!isFolded));
  remember("folded", isFolded ? "1" : "");
}

function rememberOpened(id, isOpen) {
  const others = recall("opened").split(".").filter((one) => one && one !== id);
  remember("opened", (isOpen ? [id, ...others] : others).slice(0, MAX_OPENED).join("."));
}

async function toggle(button) {
  const item = button.closest("[data-collection]");
  const isOpen = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(isOpen));
  rememberOpened(item.dataset.collection, isOpen);
  const list = item.querySelector(":scope > ul");
  if (list) {
    list.hidden = !isOpen;
    return;
  }
  const html = await fetchPart(button.closest("[data-navigation]"), { in: item.dataset.collection });
  if (html) item.insertAdjacentHTML("beforeend", html);
  else button.setAttribute("aria-expanded", "false");
}

// As the server has it, in `find_place()`.
function findPlace(address) {
  const { pathname, searchParams } = new URL(address, location.href);
  const search = ["q", "sort", "saved"].map((name) => searchParams.get(name) ?? "");
  return [pathname, ...search].join("\n");
}

function markCurrent() {
  const here = findPlace(location.href);
  for (const link of document.querySelectorAll("[data-navigation] a, .bottom-bar a")) {
    const isCurrent = findPlace(link.href) === here && !link.hash;
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function drawAgain() {
  for (const navigation of document.querySelectorAll("[data-navigation]")) {
    const html = await fetchPart(navigation);
    if (!html) continue;
    const focused = navigation.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    navigation.innerHTML = html;
    window.htmx.process(navigation);
    if (focused) navigation.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function click(event) {
  const button = event.target.closest(".place-toggle");
  if (button) toggle(button);
  if (event.target.closest("[data-fold-sidebar]")) fold();
  if (event.target.closest("[href='#words']")) {
    event.preventDefault();
    document.querySelector("[data-search]").focus();
  }
}

function press(event) {
  if (event.key === "[" && !isTyping(event)) fold();
  pressArrow(event);
}

const ANSWERS = { click, keydown: press, "navigation:changed": drawAgain, "assets:changed": drawAgain, "bulk:done": drawAgain };
for (const [type, answer] of Object.entries(ANSWERS)) addEventListener(type, answer);

// An event from before this script was loaded.
export function take(event) {
  ANSWERS[event.type]?.(event);
}

// A search is another place as soon as it is typed.
document.addEventListener("htmx:replacedInHistory", markCurrent);
