// The two forms of the tray: metadata for the whole batch, and for one file below its row.

const BATCH_FIELDS = ["title", "tags", "collection", "visibility"];

export class BatchForm {
  #batch = null;
  #element;
  #nextElement;
  #form;

  // `onChange` is called after a field of the batch has changed.
  constructor({ element, onChange }) {
    this.#element = element;
    this.#nextElement = element.nextElementSibling;
    this.#form = element.querySelector("[data-batch-fields]");
    this.#form.addEventListener("change", ({ target }) => {
      if (!this.#batch) return;
      this.#batch[target.name] = target.type === "checkbox" ? target.checked : target.value.trim();
      this.update();
      onChange();
    });
  }

  show(batch) {
    // The form of the upload page has the same fields for held files.
    if (batch.isHeld) this.remove();
    else if (!this.#element.isConnected) this.#nextElement.before(this.#element);
    if (this.#batch !== batch) this.#fill(batch);
    this.#showFolder(batch.uploads.find(({ folder }) => folder)?.folder);
    this.update();
  }

  remove() {
    this.#element.remove();
  }

  // Shows how many files the form is for, and what has been given for them.
  update() {
    if (!this.#batch) return;
    const { uploads, tags, collection } = this.#batch;
    const count = uploads.filter((upload) => upload.canEdit).length;
    this.#element.hidden = !count;
    this.#part("batch-count").textContent = count === 1 ? "this file" : `these ${count} files`;
    const visibility = this.#field("visibility").selectedOptions[0]?.textContent;
    this.#part("batch-summary").textContent = [tags, collection, visibility].filter(Boolean).join(" · ");
  }

  #fill(batch) {
    this.#batch = batch;
    for (const name of BATCH_FIELDS) this.#field(name).value = batch[name];
    this.#field("folders").checked = batch.folders;
  }

  #showFolder(folder) {
    this.#part("folders").hidden = !folder;
    this.#part("folder-example").textContent = folder ?? "";
  }

  #field(name) {
    return this.#form.querySelector(`[name="${name}"]`);
  }

  #part(name) {
    return this.#element.querySelector(`[data-${name}]`);
  }
}

// Opens or closes the form of one file. `onChange` is called after a field has changed.
export function toggleFileForm({ upload, row, template, onChange }) {
  const open = row.querySelector(".tray-row-form");
  row.querySelector("[data-row-edit]").setAttribute("aria-expanded", String(!open));
  upload.onSaved = null;
  if (open) {
    open.remove();
    return;
  }
  const form = template.content.firstElementChild.cloneNode(true);
  for (const field of form.querySelectorAll("[name]")) fillField(field, upload);
  form.addEventListener("change", ({ target: { name, value } }) => {
    // An asset's metadata may have been changed elsewhere: replaced is what it has now.
    if (upload.asset) upload.savedMetadata = { ...upload.savedMetadata, [name]: currentValue(upload, name) };
    upload.overrides[name] = value.trim();
    onChange();
  });
  upload.onSaved = () => refresh(form, upload);
  row.append(form);
  form.querySelector("input").focus();
}

// What others have changed is shown before it can be replaced.
function refresh(form, upload) {
  for (const field of form.querySelectorAll("[name]")) {
    if (field !== document.activeElement) field.value = currentValue(upload, field.name);
  }
}

function fillField(field, upload) {
  field.id = `upload-${upload.id}-${field.name}`;
  field.closest(".field").querySelector("label").htmlFor = field.id;
  field.value = currentValue(upload, field.name);
}

function currentValue({ asset, metadata }, name) {
  if (!asset) return metadata[name];
  if (name === "tags") return asset.tags.join(", ");
  return name === "collection" ? asset.collections.join(", ") : asset[name];
}
