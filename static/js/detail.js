// The page of an entry by keyboard, what it says of a format that cannot be played, and the pictures of its neighbours
// before they are asked for.

import "./favourites.js";
import "./help.js";
import "./stale-responses.js";
import { typing } from "./keys.js";

const click = (selector) => document.querySelector(selector)?.click();

const KEYS = {
  j: () => click("[rel=next]"),
  k: () => click("[rel=prev]"),
  c: () => click("#copy-url"),
  f: () => click("[data-favourite]"),
  Delete: () => document.querySelector("[data-trash]")?.requestSubmit(),
};

document.addEventListener("keydown", (event) => {
  if (event.shiftKey || typing(event) || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Without a list to come back to that is newer than this page, the browser's own way back keeps its scroll position.
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  const list = new URL(event.currentTarget.href);
  list.hash = "";
  if (document.referrer !== list.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.back();
});

// Controls that do nothing go, and a sentence comes. A connection that broke off is not the format's fault.
function tellUnplayable(media) {
  if (!(media.error?.code > MediaError.MEDIA_ERR_NETWORK)) return;
  media.controls = false;
  media.nextElementSibling.hidden = false;
}

document.addEventListener("error", ({ target }) => target.matches("#stage :is(video, audio)") && tellUnplayable(target), true);
// Those that failed before this was listening.
document.querySelectorAll("#stage :is(video, audio)").forEach(tellUnplayable);

window.addEventListener("load", () => {
  for (const link of document.querySelectorAll("[data-preview]")) new Image().src = link.dataset.preview;
});
