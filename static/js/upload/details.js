// Fields about files, which are saved as they are typed; and what becomes of that, in words and beside each field.

// In milliseconds, after the last key.
const PAUSE = 800;
const NAMES = { add_tags: "tags", remove_tags: "tags", add_collections: "collection", remove_collections: "collection" };

// The errors of a form, as {name of a field: sentence}.
export function fieldErrors(errors) {
  const entries = Object.entries(errors).map(([name, list]) => [NAMES[name] ?? name, list]);
  return Object.fromEntries(entries.map(([name, list]) => [name, list.map(({ message }) => message).join(" ")]));
}

// `onChange(name, value)` is called once a field has a new value.
export class Details {
  #element;
  #onChange;
  #timers = new Map();

  constructor(element, onChange) {
    [this.#element, this.#onChange] = [element, onChange];
    element.addEventListener("input", ({ target }) => this.#changeSoon(target));
    element.addEventListener("change", ({ target }) => this.#change(target));
  }

  // Something is typed that nobody has been told.
  get isTyping() {
    return this.#timers.size > 0;
  }

  field(name) {
    return this.#element.querySelector(`[name="${name}"]`);
  }

  get values() {
    const fields = [...this.#element.querySelectorAll("[name]:not([type=hidden], [type=file], [type=checkbox])")];
    return Object.fromEntries(fields.map(({ name, value }) => [name, value.trim()]));
  }

  // A field in which somebody is typing stays as it is, unless `isForced`.
  fill(values, { isForced = false } = {}) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.field(name);
      if (field && (isForced || field !== document.activeElement)) field.value = value;
    }
  }

  showErrors(errors) {
    for (const field of this.#element.querySelectorAll(".field")) {
      const { name, id } = field.querySelector("[name]");
      const note = field.querySelector("[data-field-error]") ?? createNote(field, `${id}-problem`);
      note.textContent = errors[name] ?? "";
      this.field(name).ariaInvalid = errors[name] ? "true" : null;
    }
  }

  #changeSoon(field) {
    if (field.type === "checkbox" || field.tagName === "SELECT") return;
    clearTimeout(this.#timers.get(field));
    this.#timers.set(field, setTimeout(() => this.#change(field), PAUSE));
  }

  #change(field) {
    clearTimeout(this.#timers.get(field));
    this.#timers.delete(field);
    this.#onChange(field.name, field.type === "checkbox" ? field.checked : field.value.trim());
  }
}

function createNote(field, id) {
  const note = Object.assign(document.createElement("p"), { className: "field-error", id });
  note.dataset.fieldError = "";
  field.append(note);
  const input = field.querySelector("[name]");
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
  return note;
}

// How far the details of these uploads are saved. `isSaving(upload)`: a change of it is on its way.
export function describeSaving(uploads, { isTyping, isSaving }) {
  if (isTyping || uploads.some(isSaving)) return "Saving…";
  const failed = uploads.filter((upload) => upload.metadataError || upload.hasInvalidMetadata).length;
  if (failed) return uploads.length > 1 ? `Not saved for ${failed} of ${uploads.length} files` : "Not saved";
  const left = uploads.filter((upload) => upload.isBusy).length;
  if (!left) return "Saved";
  return left === uploads.length ? "Saved with the upload" : `Saved for ${uploads.length - left} of ${uploads.length} files so far`;
}
