// What is said about the files: for the batch that is going up, and for one file in its row.

const NAMES = ["title", "tags", "collection", "visibility"];

// Fields of the batch. `changed` is called where one has been.
export class About {
  batch = null;
  #place;
  #before;
  #form;

  constructor({ place, changed }) {
    this.#place = place;
    this.#before = place.nextElementSibling;
    this.#form = place.querySelector("[data-about-form]");
    this.#form.addEventListener("change", ({ target }) => {
      if (!this.batch) return;
      this.batch[target.name] = target.type === "checkbox" ? target.checked : target.value.trim();
      this.summarise();
      changed();
    });
  }

  // Show the fields of a batch, unless they are already there.
  show(batch) {
    // The form of the upload page has the same fields for files that are held.
    if (batch.isHeld) this.#place.remove();
    else if (!this.#place.isConnected) this.#before.before(this.#place);
    if (this.batch !== batch) {
      this.batch = batch;
      for (const name of NAMES) this.#field(name).value = batch[name];
      this.#field("folders").checked = batch.folders;
    }
    const folder = batch.entries.find((entry) => entry.folder)?.folder;
    this.#place.querySelector("[data-folders]").hidden = !folder;
    this.#place.querySelector("[data-folder-example]").textContent = folder ?? "";
    this.summarise();
  }

  #field(name) {
    return this.#form.querySelector(`[name="${name}"]`);
  }

  summarise() {
    const { batch } = this;
    if (!batch) return;
    const count = batch.entries.filter((entry) => entry.hasDetails).length;
    this.#place.hidden = !count;
    this.#place.querySelector("[data-about-count]").textContent = count === 1 ? "this file" : `these ${count} files`;
    const { selectedOptions } = this.#field("visibility");
    const words = [batch.tags, batch.collection, selectedOptions[0]?.textContent];
    this.#place.querySelector("[data-about-words]").textContent = words.filter(Boolean).join(" · ");
  }
}

// The words of one file as they are now: the entry's, where there is one.
function current(entry, name) {
  const { asset } = entry;
  if (!asset) return entry.fields[name];
  if (name === "tags") return asset.tags.join(", ");
  return name === "collection" ? asset.collections.join(", ") : asset[name];
}

// Opens or closes the form of one file below its row.
export function toggleForm({ entry, row, template, changed }) {
  const open = row.querySelector(".tray-row-form");
  const button = row.querySelector("[data-row-edit]");
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const form = template.content.firstElementChild.cloneNode(true);
  for (const field of form.querySelectorAll("[name]")) {
    field.id = `upload-${entry.id}-${field.name}`;
    field.closest(".field").querySelector("label").htmlFor = field.id;
    field.value = current(entry, field.name);
  }
  form.addEventListener("change", ({ target: { name, value } }) => {
    // What an entry has is what is changed, whoever gave it.
    if (entry.asset) entry.agreed = { ...entry.agreed, [name]: current(entry, name) };
    entry.own[name] = value.trim();
    changed();
  });
  row.append(form);
  form.querySelector("input").focus();
}
