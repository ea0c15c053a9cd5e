// Details of one file, below its row.

import { describeSaving, Details } from "./details.js";

// Opens or closes the form. `onChange` is called after a field has changed.
export function toggleFileForm({ upload, row, template, onChange, isSaving }) {
  const open = row.querySelector(".tray-row-form");
  row.querySelector("[data-row-edit]").setAttribute("aria-expanded", String(!open));
  upload.form = null;
  if (open) {
    open.remove();
    return;
  }
  const element = template.content.firstElementChild.cloneNode(true);
  for (const field of element.querySelectorAll("[name]")) label(field, upload);
  upload.form = new FileForm({ upload, element, onChange, isSaving });
  row.append(element);
  element.querySelector("input").focus();
}

function label(field, upload) {
  field.id = `upload-${upload.id}-${field.name}`;
  field.closest(".field").querySelector("label").htmlFor = field.id;
}

class FileForm {
  #upload;
  #element;
  #details;
  #isSaving;
  #isEdited = false;

  constructor({ upload, element, onChange, isSaving }) {
    [this.#upload, this.#element, this.#isSaving] = [upload, element, isSaving];
    this.#details = new Details(element, (name, value) => {
      this.#change(name, value);
      onChange();
      this.update();
    });
    element.addEventListener("input", () => this.update());
    this.update();
  }

  get isTyping() {
    return this.#details.isTyping;
  }

  // What others have changed is shown before it can be replaced.
  update() {
    const { isTyping } = this;
    const shown = this.#isEdited || isTyping;
    if (!isTyping && !this.#isSaving(this.#upload)) this.#details.fill(currentValues(this.#upload));
    this.#details.showErrors(this.#upload.fieldErrors);
    this.#element.querySelector("[data-saved]").textContent = shown
      ? describeSaving([this.#upload], { isTyping, isSaving: this.#isSaving })
      : "";
  }

  #change(name, value) {
    const upload = this.#upload;
    this.#isEdited = true;
    // An asset's metadata may have been changed elsewhere: replaced is what it has now.
    if (upload.asset) upload.savedMetadata = { ...upload.savedMetadata, [name]: currentValues(upload)[name] };
    upload.overrides[name] = value;
  }
}

function currentValues({ asset, metadata, metadataError }) {
  if (!asset || metadataError) return metadata;
  const { title, tags, collections, description, visibility } = asset;
  return { title, tags: tags.join(", "), collection: collections.join(", "), description, visibility };
}
