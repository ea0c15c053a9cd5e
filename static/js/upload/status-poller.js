// Asks what has become of the files that the server has, ever less often while nothing changes.

const [SHORTEST, LONGEST] = [1000, 15_000];
const MOST_ASKED = 200;

export class Watch {
  // The queue of the whole pipeline, as /activity/ tells it.
  activity = null;
  #queue;
  #server;
  #timer;
  #isAsking = false;
  #pause = SHORTEST;

  constructor({ queue, server }) {
    [this.#queue, this.#server] = [queue, server];
    document.addEventListener("visibilitychange", () => !document.hidden && this.start());
  }

  // Soon again, because something has happened.
  start() {
    this.#pause = SHORTEST;
    if (!this.#isAsking) this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), this.#pause);
  }

  async #ask() {
    // The oldest first: that is the order in which they are sent.
    const watched = this.#queue.entries.filter((entry) => entry.isWatched).slice(0, MOST_ASKED);
    if (!watched.length) return;
    this.#isAsking = true;
    this.#pause = Math.min(LONGEST, this.#pause * 1.4);
    try {
      const { assets, activity } = await this.#server.states(watched.map((entry) => entry.asset.id));
      this.activity = activity;
      this.#told(watched, new Map(assets.map((asset) => [asset.id, asset])));
    } catch {
      // The server may be back the next time.
    }
    this.#isAsking = false;
    this.#later();
  }

  #told(watched, found) {
    for (const entry of watched) {
      const { asset } = entry;
      // Not visible any more: nothing is to be waited for.
      const now = found.get(asset.id) ?? { state: "failed", error: "The entry is no longer in the library." };
      if (now.state !== asset.state || now.link_status !== asset.link_status) this.#pause = SHORTEST;
      this.#queue.update(entry, now);
    }
  }
}
