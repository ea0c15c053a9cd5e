// Saves metadata that was changed after a file had been received.

import { splitNames, withoutNames } from "../names.js";
import { formatErrors } from "../request.js";
import { MAX_ATTEMPTS, pauseAfter } from "./upload.js";

const MAX_REQUESTS = 2;

// The fields that differ from what was saved last; of tags and collections, those added and removed.
function changedFields({ savedMetadata: before, metadata: now }) {
  const changed = {};
  for (const name of ["title", "description", "visibility"]) {
    if (now[name] !== before[name]) changed[name] = now[name];
  }
  for (const [name, field] of [["tags", "tags"], ["collection", "collections"]]) {
    const names = [splitNames(before[name]), splitNames(now[name])];
    changed[`add_${field}`] = withoutNames(names[1], names[0]).join(", ");
    changed[`remove_${field}`] = withoutNames(names[0], names[1]).join(", ");
    for (const change of [`add_${field}`, `remove_${field}`]) if (!changed[change]) delete changed[change];
  }
  return changed;
}

const VALUES = { team: "Everyone in the team", private: "Only me" };
const quote = (value) => `“${VALUES[value] ?? value}”`;

// Both values of each field that somebody else has changed too.
function describeConflict(changed, before, now) {
  const fields = Object.keys(changed).filter((name) => name in now && now[name] !== before[name]);
  const values = fields.map((name) => `${name} is ${quote(now[name])} now, yours is ${quote(changed[name])}`);
  return `Changed meanwhile: ${values.join("; ")}. Retry saves yours.`;
}

export class EditQueue {
  #server;
  #onSaved;
  #onError;
  #due = new Set();
  #saving = new Set();
  #waiting = new Set();
  // How often the changes of an upload have failed, while those of others may go through.
  #failures = new Map();

  // `onError` is called for errors that may pass; the upload is tried again with the next `run()`.
  constructor({ server, onSaved, onError }) {
    [this.#server, this.#onSaved, this.#onError] = [server, onSaved, onError];
  }

  get isBusy() {
    return this.#due.size + this.#saving.size + this.#waiting.size > 0;
  }

  add(upload) {
    this.#due.add(upload);
  }

  // Saves what was in conflict, over what the person has been shown.
  insist(upload) {
    Object.assign(upload, { savedMetadata: upload.conflict, conflict: null });
    this.add(upload);
    this.run();
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
      const answer = await this.#server.edit(upload.asset, { ...changed, version: upload.asset.version });
      this.#settle(upload, changed, answer);
    } catch (error) {
      if (this.#mayRetry(upload, error)) {
        this.#postpone(upload, error);
        return;
      }
      const attempts = this.#failures.get(upload) ?? 1;
      upload.metadataError = attempts > 1 ? `Not saved after ${attempts} attempts: ${error.message}` : error.message;
    }
    this.#failures.delete(upload);
    // After an error too: nothing is tried again until the metadata changes.
    upload.savedMetadata = metadata;
    this.#saving.delete(upload);
    this.#onSaved(upload);
    upload.onSaved?.();
    this.run();
  }

  // `answer`: the errors of the form, or the asset as it is now: in a conflict, beside the error.
  #settle(upload, changed, answer) {
    const { errors, asset } = answer;
    upload.metadataError = errors ? formatErrors(errors) : "";
    upload.conflict = asset ? upload.savedMetadata : null;
    if (asset) upload.metadataError = describeConflict(changed, upload.asset, asset);
    if (!errors) Object.assign(upload.asset, asset ?? answer);
  }

  #mayRetry(upload, error) {
    if (error.isAboutThisAlone) this.#failures.set(upload, (this.#failures.get(upload) ?? 0) + 1);
    return error.canRetry && (this.#failures.get(upload) ?? 0) < MAX_ATTEMPTS;
  }

  // An error that others would meet too pauses the whole queue.
  #postpone(upload, error) {
    this.#saving.delete(upload);
    if (error.isAboutThisAlone) {
      this.#waiting.add(upload);
      setTimeout(() => this.#tryAgain(upload), pauseAfter(this.#failures.get(upload)));
      this.run();
    } else {
      this.#due.add(upload);
      this.#onError(error);
    }
  }

  #tryAgain(upload) {
    this.#waiting.delete(upload);
    this.#due.add(upload);
    this.run();
  }
}
