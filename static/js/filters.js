// The menus of filters: by keyboard, and open for the next choice when one has changed the list.

import { loadStyle } from "./upload/load-style.js";

const findOpen = () => document.querySelector("[data-filter][open]");
const listOf = (menu) => menu.querySelector(".menu-list");
const choicesOf = (menu) => Array.from(menu.querySelectorAll(".filter-choice"));
const labelOf = (choice) => choice?.querySelector(".filter-label")?.textContent;
let left = null;

loadStyle(document.querySelector("[data-filters]").dataset.filters);

function move(event, menu) {
  const stops = [menu.querySelector("[name=find]") ?? menu.querySelector("summary"), ...choicesOf(menu)];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  next?.focus();
}

document.addEventListener(
  "keydown",
  (event) => {
    const menu = event.target.closest?.("[data-filter][open]");
    if (!menu || event.isComposing) return;
    if (["ArrowDown", "ArrowUp"].includes(event.key) && event.target.type !== "date") move(event, menu);
    else if (event.key === "Enter" && event.target.name === "find") {
      event.preventDefault();
      choicesOf(menu)[0]?.click();
    }
  },
  true,
);

// Within the page, wherever in the row the filter stands.
function place() {
  for (const list of document.querySelectorAll("[data-filter][open] .menu-list")) {
    list.removeAttribute("data-end");
    list.toggleAttribute("data-end", list.getBoundingClientRect().right > document.documentElement.clientWidth);
  }
}

document.addEventListener("toggle", ({ target }) => target.matches("[data-filter]") && place(), true);
addEventListener("resize", place);
place();

// Beside the menu, where that covers the page.
document.addEventListener("click", ({ target }) => {
  if (target.matches("[data-filter][open]")) target.open = false;
});

function focusChoice(menu, label) {
  choicesOf(menu).find((choice) => labelOf(choice) === label)?.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const menu = detail.target.id === "results" && findOpen();
  if (!menu) return;
  const list = listOf(menu);
  const label = labelOf(document.activeElement);
  left = { name: menu.dataset.filter, html: list.innerHTML, top: list.scrollTop, label };
});

// Loads the choices again, with counts of the list as it is now.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "results" && left) findOpen()?.dispatchEvent(new Event("toggle"));
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const { target } = detail;
  if (target.id === "results" && left) {
    const menu = document.querySelector(`[data-filter="${left.name}"]`);
    if (!menu) return;
    listOf(menu).innerHTML = left.html;
    menu.open = true;
    listOf(menu).scrollTop = left.top;
    focusChoice(menu, left.label);
  } else if (target.matches("[data-filter] .menu-list")) {
    const menu = target.closest("[data-filter]");
    if (left?.name === menu.dataset.filter) focusChoice(menu, left.label);
    else if (matchMedia("(pointer: fine)").matches) menu.querySelector("[name=find]")?.focus();
    left = null;
  }
});
