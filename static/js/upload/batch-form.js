// Details for all files that were added together: in the tray or, on the upload page, in the form of that page.

import { Batch } from "./batch.js";
import { describeSaving, Details } from "./details.js";

const FIELDS = ["title", "tags", "collection", "description", "visibility"];

export class BatchForm {
  #batch = null;
  #own;
  #nextElement;
  #element;
  #details;
  // What the person’s uploads have unless something else is said.
  #visibility;
  #onChange;
  #isSaving;

  // `element`: the one in the tray. `onChange` is called after a field of the batch has changed.
  constructor({ element, onChange, isSaving }) {
    [this.#own, this.#nextElement] = [element, element.nextElementSibling];
    [this.#onChange, this.#isSaving] = [onChange, isSaving];
    this.#use(element);
    this.#visibility = this.#details.field("visibility").value;
  }

  get isTyping() {
    return Boolean(this.#batch) && this.#details.isTyping;
  }

  // To be called on a page, and on each that takes its place.
  arrive() {
    const form = document.querySelector("[data-upload-form]");
    this.#use(form ?? this.#own);
    if (this.#batch?.isBusy) this.show(this.#batch);
    else this.clear();
  }

  // With what was said on the upload page before there were any files.
  createBatch({ visibility = this.#visibility, collection }) {
    const isSaid = this.#element !== this.#own && !this.#batch;
    return new Batch({ visibility, collection, details: isSaid ? this.#details.values : {} });
  }

  show(batch) {
    if (!this.#element.isConnected) this.#nextElement.before(this.#own);
    if (this.#batch !== batch) this.#fill(batch);
    this.#showFolder(batch.uploads.find(({ folder }) => folder)?.folder);
    this.update();
  }

  // There are no files that it could be for.
  clear() {
    if (this.#batch) this.#element.closest("form")?.reset();
    this.#batch = null;
    this.#own.remove();
    this.#showFolder();
    this.#setText("batch-count", "what you upload now");
    this.#setText("saved", "");
  }

  // Shows how many files the form is for, what has been given for them, and how far that is saved.
  update() {
    if (!this.#batch) return;
    const { tags, collection, isEdited } = this.#batch;
    const uploads = this.#batch.uploads.filter((upload) => upload.canEdit);
    this.#own.hidden = !uploads.length;
    this.#setText("batch-count", uploads.length === 1 ? "this file" : `these ${uploads.length} files`);
    const visibility = this.#details.field("visibility").selectedOptions[0]?.textContent;
    this.#setText("batch-summary", [tags, collection, visibility].filter(Boolean).join(" · "));
    const isShown = isEdited || this.isTyping;
    this.#setText("saved", isShown ? describeSaving(uploads, { isTyping: this.isTyping, isSaving: this.#isSaving }) : "");
    this.#details.showErrors(Object.assign({}, ...uploads.filter(isSaidForAll).map(({ fieldErrors }) => fieldErrors)));
  }

  #use(element) {
    if (this.#element === element) return;
    this.#own.remove();
    this.#element = element;
    this.#details = new Details(element, (name, value) => this.#change(name, value));
    element.addEventListener("input", () => this.update());
  }

  #change(name, value) {
    if (!this.#batch) return;
    this.#batch[name] = value;
    this.#batch.isEdited = true;
    this.#onChange();
    this.update();
  }

  #fill(batch) {
    this.#batch = batch;
    this.#details.fill(Object.fromEntries(FIELDS.map((name) => [name, batch[name]])), { isForced: true });
    this.#details.field("folders").checked = batch.folders;
  }

  #showFolder(folder) {
    this.#part("folders").hidden = !folder;
    this.#setText("folder-example", folder ?? "");
  }

  #part(name) {
    return this.#element.querySelector(`[data-${name}]`);
  }

  #setText(name, text) {
    const element = this.#part(name);
    if (element && element.textContent !== text) element.textContent = text;
  }
}

// What is wrong with the details of one file alone stands in its own form.
function isSaidForAll({ fieldErrors, overrides }) {
  return !Object.keys(fieldErrors).some((name) => name in overrides);
}
