// The page of a share: shows an asset over the page, with arrows to the next one, and loads more as one scrolls.
// Without this script, cards lead to a page each, and "Show more" to the next page.

import "./copy.js";
import { openLightbox } from "./lightbox.js";

async function fetchPage(url) {
  const response = await fetch(url);
  // Redirected: the password is asked for again.
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// --- More ---

let isLoading = false;

async function loadMore() {
  const more = document.querySelector("[data-more]");
  if (!more || isLoading) return;
  isLoading = true;
  try {
    const page = await fetchPage(more.querySelector("a").href);
    document.querySelector("[data-wall]").append(...page.querySelectorAll("[data-wall] > *"));
    const next = page.querySelector("[data-more]");
    if (next) more.replaceChildren(...next.childNodes);
    else more.remove();
  } catch {
    watcher.disconnect();
  } finally {
    isLoading = false;
  }
}

const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && loadMore(), {
  rootMargin: "600px",
});
const more = document.querySelector("[data-more]");
if (more) watcher.observe(more);

// --- What the browser cannot play ---

function admit(player) {
  for (const words of player.parentElement.querySelectorAll("[data-unplayable]")) words.hidden = false;
}

document.addEventListener("error", ({ target }) => target.matches("video, audio") && admit(target), true);
for (const player of document.querySelectorAll("video, audio")) if (player.error) admit(player);

// --- The lightbox ---

const findLinks = () => Array.from(document.querySelectorAll("[data-open]"));

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openLightbox(link, { findLinks, fetchPage, loadMore });
});
