// Gives the boxes in which the admin chooses people, tags and collections the names that select2 leaves out.

function nameOf(box) {
  const select = box.previousElementSibling;
  return select?.getAttribute("aria-label") ?? select?.labels?.[0]?.textContent.replace(/:\s*$/, "") ?? "";
}

function describe(box) {
  const name = nameOf(box);
  const named = box.querySelector(".select2-search__field") ?? box.querySelector(".select2-selection--single");
  if (!name || !named) return;
  named.setAttribute("aria-label", named.matches("input") ? name : `${name}: ${named.innerText.trim() || "any"}`);
  // The value is no text box of its own.
  const value = box.querySelector("[role=textbox]");
  for (const attribute of ["role", "aria-readonly"]) value?.removeAttribute(attribute);
  // Backspace does the same.
  box.querySelector(".select2-selection__clear")?.setAttribute("aria-hidden", "true");
}

function describeAll() {
  for (const box of document.querySelectorAll(".select2-container")) {
    if (box.previousElementSibling?.matches("select")) describe(box);
  }
  const search = document.querySelector(".select2-dropdown .select2-search__field:not([aria-label])");
  search?.setAttribute("aria-label", "Search");
}

new MutationObserver(describeAll).observe(document.body, { childList: true, subtree: true });
describeAll();
