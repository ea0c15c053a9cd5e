// Saves metadata that was changed after a file had been received.

import { splitNames, withoutNames } from "../names.js";
import { formatErrors } from "../request.js";
import { fieldErrors } from "./details.js";
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

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

const VALUES = { team: "Everyone in the team", private: "Only me" };
const quote = (value) => `“${VALUES[value] ?? value}”`;

// Both values of each field that somebody else has changed too: {name: sentence}.
function describeConflicts(changed, before, now) {
  const fields = Object.keys(changed).filter((name) => name in now && now[name] !== before[name]);
  const describe = (name) => `${name} is ${quote(now[name])} now, yours is ${quote(changed[name])}`;
  return Object.fromEntries(fields.map((name) => [name, describe(name)]));
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

  // Whether a change of this upload is not saved yet, and may still be.
  has(upload) {
    return [this.#due, this.#saving, this.#waiting].some((uploads) => uploads.has(upload));
  }

  add(upload) {
    this.#due.add(upload);
  }

  // Saves again: what was in conflict, over what the person has been shown.
  insist(upload) {
    Object.assign(upload, { savedMetadata: upload.conflict ?? upload.savedMetadata, conflict: null, refusedMetadata: null });
    this.add(upload);
    this.run();
  }

  run() {
    for (const upload of this.#due) {
      if (this.#saving.size === MAX_REQUESTS) return;
      if (this.#saving.has(upload)) continue;
      this.#due.delete(upload);
      const changed = changedFields(upload);
      if (!Object.keys(changed).length) this.#forgetRefusal(upload);
      // What was refused is not tried again until it changes.
      else if (!isSame(upload.metadata, upload.refusedMetadata)) this.#save(upload, changed);
    }
  }

  // What was wrong is taken back.
  #forgetRefusal(upload) {
    if (!upload.refusedMetadata) return;
    Object.assign(upload, { refusedMetadata: null, metadataError: "", fieldErrors: {} });
    this.#onSaved(upload);
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
      upload.fieldErrors = {};
      upload.metadataError = attempts > 1 ? `Not saved after ${attempts} attempts: ${error.message}` : error.message;
    }
    this.#failures.delete(upload);
    const isRefused = upload.metadataError && !upload.conflict;
    Object.assign(upload, isRefused ? { refusedMetadata: metadata } : { refusedMetadata: null, savedMetadata: metadata });
    this.#saving.delete(upload);
    this.#onSaved(upload);
    this.run();
  }

  // `answer`: the errors of the form, or the asset as it is now: in a conflict, beside the error.
  #settle(upload, changed, answer) {
    const { errors, asset } = answer;
    upload.conflict = asset ? upload.savedMetadata : null;
    upload.fieldErrors = asset ? describeConflicts(changed, upload.asset, asset) : fieldErrors(errors ?? {});
    upload.metadataError = errors ? formatErrors(errors) : "";
    if (asset) upload.metadataError = `Changed meanwhile: ${Object.values(upload.fieldErrors).join("; ")}. Retry saves yours.`;
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
