// The zones that cover the page while files are dragged over it.

export class DropZones {
  #element;

  constructor(element) {
    this.#element = element;
    document.body.append(element);
    for (const zone of element.querySelectorAll("[data-drop]")) highlight(zone);
  }

  // `isSimple`: without one for private files, where a form asks for the visibility.
  toggle(isShown, { isSimple }) {
    this.#element.toggleAttribute("data-simple", isSimple);
    this.#element.hidden = !isShown;
  }
}

function highlight(zone) {
  zone.addEventListener("dragenter", () => (zone.dataset.dragOver = ""));
  for (const end of ["dragleave", "drop"]) zone.addEventListener(end, () => delete zone.dataset.dragOver);
}
