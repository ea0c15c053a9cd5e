// The cards of the list behind the quick look, in their order, and more of them.

const MAX_WAIT = 10_000; // milliseconds

export const findCards = () => Array.from(document.querySelectorAll("[data-cards] [data-asset]"));
export const findCard = (id) => document.getElementById(id);
export const titleOf = (card) => card?.querySelector(".card-title");

// Whether there is nothing on that side (-1 or 1), nor anything to load.
export function isAtEnd(card, by) {
  const cards = findCards();
  return !cards[cards.indexOf(card) + by] && !findLink(by > 0 ? "more" : "before");
}

// `end`: `more` or `before`. Resolves to whether there are more cards now.
export function loadMore(end) {
  const link = findLink(end);
  if (!link) return Promise.resolve(false);
  return new Promise((resolve) => {
    const wall = link.closest("[data-cards]");
    const finish = () => {
      observer.disconnect();
      resolve(!link.isConnected);
    };
    const observer = new MutationObserver(() => !link.isConnected && finish());
    observer.observe(wall, { childList: true });
    setTimeout(finish, MAX_WAIT);
    if (!wall.querySelector(`#${end}.htmx-request, #${end} .htmx-request`)) link.click();
  });
}

function findLink(end) {
  return document.querySelector(`[data-cards] #${end} a`);
}
