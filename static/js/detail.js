// The page of an asset: keyboard shortcuts, the link back to the list, media that cannot be played, and preloaded previews.

import "./favourites.js";
import "./help.js";
import "./refresh.js";
import { isTyping } from "./keys.js";

const click = (selector) => document.querySelector(selector)?.click();

const KEYS = {
  j: () => click("[rel=next]"),
  k: () => click("[rel=prev]"),
  c: () => click("#copy-url"),
  f: () => click("[data-favourite]"),
  Delete: () => document.querySelector("[data-trash]")?.requestSubmit(),
};

document.addEventListener("keydown", (event) => {
  if (event.shiftKey || isTyping(event) || !KEYS[event.key]) return;
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

// --- Media ---

const MEDIA = "#stage :is(video, audio)";

// Replaces the controls of media in an unsupported format with a notice. A lost connection is another matter.
function showIfUnplayable(media) {
  if (!(media.error?.code > MediaError.MEDIA_ERR_NETWORK)) return;
  media.controls = false;
  media.nextElementSibling.hidden = false;
}

document.addEventListener("error", ({ target }) => target.matches(MEDIA) && showIfUnplayable(target), true);
// Those that failed before this script was loaded.
document.querySelectorAll(MEDIA).forEach(showIfUnplayable);

// --- Neighbours ---

window.addEventListener("load", () => {
  for (const link of document.querySelectorAll("[data-preview]")) new Image().src = link.dataset.preview;
});
