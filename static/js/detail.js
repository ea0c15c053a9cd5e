// The page of an asset: keyboard shortcuts, the link back to the list, and preloaded previews.

import "./favourites.js";
import "./dialog.js";
import "./refresher.js";
import "./stage.js";
import { isTyping } from "./keys.js";

const click = (selector) => document.querySelector(selector)?.click();

const next = () => click("[rel=next]");
const previous = () => click("[rel=prev]");
// What moves by these keys itself.
const MOVES = "video, audio, .pages, [type=radio]";

const KEYS = {
  j: next,
  k: previous,
  ArrowRight: next,
  ArrowLeft: previous,
  c: () => click("#copy-url"),
  f: () => click("[data-favourite]"),
  Delete: () => document.querySelector("[data-trash]")?.requestSubmit(),
};

document.addEventListener("keydown", (event) => {
  if (event.shiftKey || isTyping(event) || !KEYS[event.key]) return;
  const isPanning = document.querySelector("[data-zoomed]") || event.target.closest?.(MOVES);
  if (event.key.startsWith("Arrow") && isPanning) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Coming straight from the list, going back in the history leads to its place there. From elsewhere, the list finds it.
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  const list = new URL(event.currentTarget.href);
  list.hash = "";
  if (document.referrer !== list.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.back();
});

// --- Neighbours ---

window.addEventListener("load", () => {
  for (const link of document.querySelectorAll("[data-preview]")) new Image().src = link.dataset.preview;
});
