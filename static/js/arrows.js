// The arrow keys in an open menu and in the navigation, where left and right close and open a collection.

import { isTyping } from "./keys.js";

const LISTS = "details[open][data-menu], .navigation";
const STOPS = "summary, a, button:not(.place-toggle, [tabindex='-1']), input";
const isShown = (element) => element.checkVisibility({ visibilityProperty: true });

function step(list, by) {
  const stops = [...list.querySelectorAll(STOPS)].filter(isShown);
  stops[stops.indexOf(document.activeElement) + by]?.focus();
}

// The collection that holds the one of the link.
const findParent = (item) => item.parentElement.closest("[data-collection]")?.querySelector("a");

function openOrClose(item, isOpening) {
  const toggle = item.querySelector(":scope > .place-toggle");
  const isOpen = toggle?.getAttribute("aria-expanded") === "true";
  if (toggle && isOpen !== isOpening) toggle.click();
  else if (isOpening) item.querySelector(":scope > ul a")?.focus();
  else findParent(item)?.focus();
}

export function press(event) {
  const list = event.target.closest?.(LISTS);
  if (!list || isTyping(event) || event.target.type === "radio") return;
  const { key } = event;
  const item = event.target.closest("[data-collection]");
  if (key === "ArrowDown" || key === "ArrowUp") step(list, key === "ArrowDown" ? 1 : -1);
  else if (item && (key === "ArrowRight" || key === "ArrowLeft")) openOrClose(item, key === "ArrowRight");
  else return;
  event.preventDefault();
}
