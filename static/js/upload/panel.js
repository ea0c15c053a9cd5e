// The tray's element: where on the page it is, and whether it is open or folded.

export class Panel {
  #element;
  #foldButton;
  #onFold;

  // `onFold` is called after the tray was folded or opened.
  constructor({ element, onFold }) {
    [this.#element, this.#onFold] = [element, onFold];
    this.#foldButton = element.querySelector("[data-fold]");
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#isInline || this.isFolded) return;
      event.preventDefault();
      this.fold();
    });
  }

  get isFolded() {
    return this.#element.dataset.state === "folded";
  }

  get #isInline() {
    return this.#element.hasAttribute("data-inline");
  }

  fold(isFolded = true) {
    this.#element.dataset.state = isFolded ? "folded" : "open";
    this.#foldButton.setAttribute("aria-expanded", String(!isFolded));
    this.#onFold();
  }

  show() {
    this.#element.hidden = false;
    document.body.dataset.hasTray = this.#isInline ? "inline" : "beside";
  }

  hide() {
    this.#element.hidden = true;
    delete document.body.dataset.hasTray;
  }

  // On the upload page, it cannot be folded.
  focus() {
    if (!this.#isInline) this.#foldButton.focus();
    else this.#element.querySelector("button:not([hidden], [data-fold])")?.focus();
  }

  // Goes to its slot on the upload page, and to the edge of any other page.
  place() {
    const slot = document.querySelector("[data-upload-slot]");
    if (!slot && this.#isInline) this.fold();
    this.#element.toggleAttribute("data-inline", Boolean(slot));
    const parent = slot ?? document.body;
    if (this.#element.parentElement !== parent) parent.append(this.#element);
  }
}
