// Saves metadata that was changed after a file had been received.

import { isSameName, splitNames } from "../names.js";
import { formatErrors } from "./format.js";

const MAX_REQUESTS = 2;

// Replaces the names we gave `before` by those of `after`. Names that others have added stay.
function replaceNames(existing, before, after) {
  const includes = (names, name) => names.some((other) => isSameName(other, name));
  const kept = existing.filter((name) => !includes(splitNames(before), name));
  return [...kept, ...splitNames(after).filter((name) => !includes(kept, name))].join(", ");
}

// The fields that differ from what was saved last.
function changedFields({ asset, savedMetadata: before, metadata: now }) {
  const changed = {};
  for (const name of ["title", "description", "visibility"]) {
    if (now[name] !== before[name]) changed[name] = now[name];
  }
  if (now.tags !== before.tags) changed.tags = replaceNames(asset.tags, before.tags, now.tags);
  if (now.collection !== before.collection) {
    changed.collections = replaceNames(asset.collections, before.collection, now.collection);
  }
  return changed;
}

export class EditQueue {
  #server;
  #onSaved;
  #onError;
  #due = new Set();
  #saving = new Set();

  // `onError` is called for errors that may pass; the upload is tried again with the next `run()`.
  constructor({ server, onSaved, onError }) {
    [this.#server, this.#onSaved, this.#onError] = [server, onSaved, onError];
  }

  get isBusy() {
    return this.#due.size + this.#saving.size > 0;
  }

  add(upload) {
    this.#due.add(upload);
  }

  run() {
    for (const upload of this.#due) {
      if (this.#saving.size === MAX_REQUESTS) return;
      if (this.#saving.has(upload)) continue;
      this.#due.delete(upload);
      const changed = changedFields(upload);
      if (Object.keys(changed).length) this.#save(upload, changed);
    }
  }

  async #save(upload, changed) {
    const { metadata } = upload;
    this.#saving.add(upload);
    try {
      const answer = await this.#server.edit(upload.asset, changed);
      upload.metadataError = answer.errors ? formatErrors(answer.errors) : "";
      if (!answer.errors) Object.assign(upload.asset, answer);
    } catch (error) {
      if (error.canRetry) {
        this.#postpone(upload, error);
        return;
      }
      upload.metadataError = error.message;
    }
    // After an error too: nothing is tried again until the metadata changes.
    upload.savedMetadata = metadata;
    this.#saving.delete(upload);
    this.#onSaved(upload);
    this.run();
  }

  #postpone(upload, error) {
    this.#saving.delete(upload);
    this.#due.add(upload);
    this.#onError(error);
  }
}
