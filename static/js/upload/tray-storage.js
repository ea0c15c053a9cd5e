// What is left to the next page of this tab: what the server has of the files. Files that are still to be sent cannot
// be kept; they are named, so that nobody takes them for uploaded.

const LOST = "Not uploaded: the page was left before it was sent. Add the file again.";
const FACTS =
  "id title page media_type state url link_status error preview tags collections description visibility".split(" ");

export class Keep {
  #name;
  #person;
  #queue;
  #tray;
  #timer;

  constructor({ name, person, queue, tray }) {
    [this.#name, this.#person, this.#queue, this.#tray] = [name, person, queue, tray];
    for (const event of ["added", "changed", "removed"]) queue.addEventListener(event, () => this.#soon());
    addEventListener("pagehide", () => this.save());
  }

  read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#name));
      // Somebody else may have signed in since.
      return kept?.person === this.#person ? kept : { entries: [] };
    } catch {
      return { entries: [] };
    }
  }

  save() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#queue.entries.filter((entry) => !["held", "cancelled"].includes(entry.state)).map(kept);
    const isFolded = this.#tray.dataset.state === "folded";
    try {
      if (entries.length) {
        sessionStorage.setItem(this.#name, JSON.stringify({ person: this.#person, isFolded, entries }));
      } else sessionStorage.removeItem(this.#name);
    } catch {
      // Without it the tray ends with the page.
    }
  }

  // For a page that ends without a word; the more there is to write, the more seldom.
  #soon() {
    this.#timer ??= setTimeout(() => this.save(), 2000 + 10 * this.#queue.entries.length);
  }
}

function kept(entry) {
  const { name, size, state, note, error } = entry;
  if (entry.asset) {
    const asset = Object.fromEntries(FACTS.map((fact) => [fact, entry.asset[fact]]));
    return { name, size, state: "received", asset, note };
  }
  return state === "refused" ? { name, size, state, error } : { name, size, state: "lost", error: error || LOST };
}
