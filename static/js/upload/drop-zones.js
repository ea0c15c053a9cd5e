// The zones that cover the page while files are dragged over it.

export class DropZones {
  #element;

  constructor(element) {
    this.#element = element;
    document.body.append(element);
    for (const zone of element.querySelectorAll("[data-drop]")) highlight(zone);
  }

  // Without the zone for private files where a form asks for the visibility. `collection`: where the files will go, if
  // the page has one.
  toggle(isShown, collection = "") {
    const name = collection.split("/").pop();
    for (const title of this.#element.querySelectorAll("[data-in-collection]")) {
      title.textContent = name ? title.dataset.inCollection.replace("{}", name) : title.dataset.elsewhere;
    }
    this.#element.toggleAttribute("data-simple", Boolean(document.querySelector("[data-upload-form]")));
    this.#element.hidden = !isShown;
  }
}

function highlight(zone) {
  zone.addEventListener("dragenter", () => (zone.dataset.dragOver = ""));
  for (const end of ["dragleave", "drop"]) zone.addEventListener(end, () => delete zone.dataset.dragOver);
}
