// Brings the words of entries that were received already to what is wanted now.

import { sentences } from "./server.js";

const AT_ONCE = 2;

function names(text) {
  return text.split(",").map((name) => name.trim()).filter(Boolean);
}

// The names on an entry, where we had put `before` and `after` is wanted now; others stay.
function merged(existing, before, after) {
  // As the server tidies them.
  const key = (name) => name.normalize("NFC").toLowerCase().replace(/\s+/g, " ").replace(/ ?\/ ?/g, "/");
  const isOneOf = (list, name) => list.some((other) => key(other) === key(name));
  const kept = existing.filter((name) => !isOneOf(names(before), name));
  return [...kept, ...names(after).filter((name) => !isOneOf(kept, name))].join(", ");
}

// What has to be changed of an entry that was received with other fields; null for nothing.
function changes(entry) {
  const { asset, agreed, fields } = entry;
  const changed = {};
  for (const name of ["title", "description", "visibility"]) {
    if (fields[name] !== agreed[name]) changed[name] = fields[name];
  }
  if (fields.tags !== agreed.tags) changed.tags = merged(asset.tags, agreed.tags, fields.tags);
  if (fields.collection !== agreed.collection) {
    changed.collections = merged(asset.collections, agreed.collection, fields.collection);
  }
  return Object.keys(changed).length ? changed : null;
}

export class Edits {
  #server;
  #changed;
  #trouble;
  #due = new Set();
  #saving = new Set();

  // `changed` is told of an entry, `trouble` of what may pass by itself.
  constructor({ server, changed, trouble }) {
    [this.#server, this.#changed, this.#trouble] = [server, changed, trouble];
  }

  get isBusy() {
    return this.#due.size + this.#saving.size > 0;
  }

  add(entry) {
    this.#due.add(entry);
  }

  go() {
    for (const entry of this.#due) {
      if (this.#saving.size === AT_ONCE) return;
      if (this.#saving.has(entry)) continue;
      this.#due.delete(entry);
      const changed = changes(entry);
      if (changed) this.#save(entry, changed);
    }
  }

  async #save(entry, changed) {
    const { fields } = entry;
    this.#saving.add(entry);
    try {
      const answer = await this.#server.edit(entry.asset, changed);
      entry.fieldError = answer.errors ? sentences(answer.errors) : "";
      if (!answer.errors) Object.assign(entry.asset, answer);
      entry.agreed = fields;
    } catch (trouble) {
      this.#saving.delete(entry);
      if (trouble.again) {
        // After the pause that this brings.
        this.#due.add(entry);
        this.#trouble(trouble);
        return;
      }
      // Until the words change again.
      entry.agreed = fields;
      entry.fieldError = trouble.message;
    }
    this.#saving.delete(entry);
    this.#changed(entry);
    this.go();
  }
}
