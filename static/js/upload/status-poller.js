// Asks the server how far the received files are, less and less often while nothing changes.

import { MAX_ATTEMPTS } from "./upload.js";

const [MIN_PAUSE, MAX_PAUSE] = [500, 15_000];
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
  // Fewer after a request that failed, so that the assets it failed for are found.
  #size = MAX_ASSETS;

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
    const pending = this.#selectNext();
    if (!pending.length) return;
    this.#isAsking = true;
    this.#pause = Math.min(MAX_PAUSE, this.#pause * PAUSE_GROWTH);
    try {
      const { assets, activity } = await this.#server.fetchStates(pending.map(({ asset }) => asset.id));
      this.activity = activity;
      this.#update(pending, new Map(assets.map((asset) => [asset.id, asset])));
      this.#size = Math.min(MAX_ASSETS, 2 * this.#size);
    } catch (error) {
      // The server may be back the next time.
      if (error.isAboutThisAlone) this.#narrow(pending, error);
    }
    this.#isAsking = false;
    this.#schedule();
  }

  // The oldest first, because they are sent in that order; those that a request has failed for come last.
  #selectNext() {
    const pending = this.#queue.uploads.filter(({ isPending, isPreviewing }) => isPending || isPreviewing);
    return pending.sort((one, other) => one.failedPolls - other.failedPolls).slice(0, this.#size);
  }

  #narrow(pending, error) {
    this.#size = Math.ceil(pending.length / 2);
    this.#pause = MIN_PAUSE;
    for (const upload of pending) {
      upload.failedPolls += 1;
      const isGivenUp = pending.length === 1 && upload.failedPolls >= MAX_ATTEMPTS;
      if (isGivenUp) upload.setState("received", { statusError: `Status unknown after ${MAX_ATTEMPTS} attempts: ${error.message}` });
    }
  }

  #update(pending, assets) {
    for (const upload of pending) {
      const { asset } = upload;
      upload.failedPolls = 0;
      const now = assets.get(asset.id) ?? { state: "failed", error: "This asset is no longer in the library." };
      const isSame = Object.entries(now).every(([name, value]) => asset[name] === value);
      if (isSame) continue;
      if (now.state !== asset.state || now.link_status !== asset.link_status) this.#pause = MIN_PAUSE;
      Object.assign(asset, now);
      upload.setState("received");
    }
  }
}
