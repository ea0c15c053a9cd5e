// A button on every card, or the picture of a row, that opens the quick look. By keyboard, Space does.

const BUTTON = `<button class="star card-look" type="button" title="Quick look (Space)" tabindex="-1" data-look>
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M14 4.5h5.5V10M19.5 4.5L13 11M10 19.5H4.5V14M4.5 19.5L11 13"/></svg>
</button>`;

function addButtons() {
  for (const picture of document.querySelectorAll("[data-cards] .card-picture:not(:has([data-look]))")) {
    picture.insertAdjacentHTML("beforeend", BUTTON);
    const title = picture.closest("[data-asset]").querySelector(".card-title").textContent;
    picture.lastElementChild.setAttribute("aria-label", `Quick look: ${title}`);
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-look], .row-picture");
  button?.closest("[data-asset]").dispatchEvent(new CustomEvent("look:open", { bubbles: true }));
});

addButtons();
document.addEventListener("htmx:afterSwap", addButtons);
for (const arrival of ["page:swapped", "cards:replaced"]) addEventListener(arrival, addButtons);
