// Saves the tray for the next page in this tab. Files that are not uploaded yet cannot be saved: they are listed as
// interrupted, so that nobody believes they were uploaded.

const INTERRUPTED = "Not uploaded: the page was closed. Add the file again.";
const BEGUN = "Not complete: the page was closed. Add the file again, and it goes on from where it was.";
const ASSET_FIELDS = ["id", "title", "page", "media_type", "state", "url", "link_status", "error", "warning", "preview"];
const METADATA_FIELDS = ["tags", "collections", "description", "visibility", "version"];
const MIN_SAVE_DELAY = 2000;

export class SavedTray {
  #key;
  #person;
  #queue;
  #isFolded;
  #timer;

  // `person`: whose tray it is; `isFolded()` as it is now.
  constructor({ key, person, queue, isFolded }) {
    [this.#key, this.#person, this.#queue, this.#isFolded] = [key, person, queue, isFolded];
    for (const event of ["added", "changed", "removed"]) queue.addEventListener(event, () => this.#saveSoon());
    addEventListener("pagehide", () => this.save());
  }

  read() {
    try {
      const saved = JSON.parse(sessionStorage.getItem(this.#key));
      // Somebody else may have signed in since.
      if (saved?.person === this.#person) return saved;
    } catch {
      // No storage, or not our JSON.
    }
    return { uploads: [], isFolded: false };
  }

  save() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uploads = this.#queue.uploads.filter(({ state }) => state !== "cancelled").map(toSave);
    const saved = JSON.stringify({ person: this.#person, isFolded: this.#isFolded(), uploads });
    try {
      if (uploads.length) sessionStorage.setItem(this.#key, saved);
      else sessionStorage.removeItem(this.#key);
    } catch {
      // Without storage, the tray ends with the page.
    }
  }

  // For a page that crashes. The more there is to write, the less often.
  #saveSoon() {
    this.#timer ??= setTimeout(() => this.save(), MIN_SAVE_DELAY + 10 * this.#queue.uploads.length);
  }
}

function toSave({ name, size, state, note, error, asset, partsUrl }) {
  if (asset) {
    const fields = [...ASSET_FIELDS, ...METADATA_FIELDS].map((field) => [field, asset[field]]);
    return { name, size, state: "received", asset: Object.fromEntries(fields), note };
  }
  if (state === "refused") return { name, size, state, error };
  return { name, size, state: "interrupted", error: error || (partsUrl ? BEGUN : INTERRUPTED) };
}
