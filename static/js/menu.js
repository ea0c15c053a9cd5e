// Closes an open menu on Escape, on a click outside, and when the focus leaves it.

const findOpenMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of findOpenMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget) && !event.relatedTarget.closest("dialog")) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const menu of findOpenMenus()) {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// After a click on what is in a summary, WebKit's Tab would come back to the summary again and again.
document.addEventListener("click", ({ target }) => {
  const summary = target.closest("summary");
  if (!summary || target === summary || document.activeElement !== summary) return;
  summary.blur();
  summary.focus({ preventScroll: true });
});

// What opens and folds the navigation is loaded at the first sign of somebody.
const SIGNS = ["pointermove", "touchstart", "keydown", "focusin", "click", "navigation:changed"];
const early = [];

// What happens until it is there is not lost.
async function arrive(event) {
  if (early.push(event) > 1) return;
  // The page may be left meanwhile.
  const { take } = await import("./sidebar.js").catch(() => ({ take() {} }));
  for (const sign of SIGNS) removeEventListener(sign, arrive);
  early.forEach(take);
}

for (const sign of SIGNS) addEventListener(sign, arrive, { passive: true });
