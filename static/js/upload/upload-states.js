// The uploads by state, so that what comes next is found without looking through all of them.

export class UploadStates {
  #uploads = new Map();
  #stateOf = new Map();

  // To be called after each change of a state.
  update(upload) {
    const { state } = upload;
    if (this.#stateOf.get(upload) === state) return;
    this.remove(upload);
    this.#stateOf.set(upload, state);
    if (!this.#uploads.has(state)) this.#uploads.set(state, new Set());
    this.#uploads.get(state).add(upload);
  }

  remove(upload) {
    this.#uploads.get(this.#stateOf.get(upload))?.delete(upload);
    this.#stateOf.delete(upload);
  }

  // Those in these states, in the order in which they came there.
  in(...states) {
    return states.flatMap((state) => [...(this.#uploads.get(state) ?? [])]);
  }

  // Undefined if there is none.
  first(state) {
    const [first] = this.#uploads.get(state) ?? [];
    return first;
  }

  has(...states) {
    return states.some((state) => this.#uploads.get(state)?.size);
  }
}
