// Asks the server how far the received files are, less and less often while nothing changes.

const [MIN_PAUSE, MAX_PAUSE] = [1000, 15_000];
const PAUSE_GROWTH = 1.4;
const MAX_ASSETS = 200;

export class StatusPoller {
  // The whole queue for Segmind, as GET /activity/ gives it.
  activity = null;
  #queue;
  #server;
  #timer;
  #isAsking = false;
  #pause = MIN_PAUSE;

  constructor({ queue, server }) {
    [this.#queue, this.#server] = [queue, server];
    document.addEventListener("visibilitychange", () => !document.hidden && this.start());
  }

  // Starts, or starts again at the shortest pause.
  start() {
    this.#pause = MIN_PAUSE;
    if (!this.#isAsking) this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#poll(), this.#pause);
  }

  async #poll() {
    // The oldest first, because they are sent in that order.
    const pending = this.#queue.uploads.filter((upload) => upload.isPending).slice(0, MAX_ASSETS);
    if (!pending.length) return;
    this.#isAsking = true;
    this.#pause = Math.min(MAX_PAUSE, this.#pause * PAUSE_GROWTH);
    try {
      const { assets, activity } = await this.#server.fetchStates(pending.map(({ asset }) => asset.id));
      this.activity = activity;
      this.#update(pending, new Map(assets.map((asset) => [asset.id, asset])));
    } catch {
      // The server may be back the next time.
    }
    this.#isAsking = false;
    this.#schedule();
  }

  #update(pending, assets) {
    for (const upload of pending) {
      const { asset } = upload;
      const now = assets.get(asset.id) ?? { state: "failed", error: "This asset is no longer in the library." };
      if (now.state !== asset.state || now.link_status !== asset.link_status) this.#pause = MIN_PAUSE;
      Object.assign(asset, now);
      upload.setState("received");
    }
  }
}
