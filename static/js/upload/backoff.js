// Pauses the whole queue after an error that the next file would meet too, longer after each in a row.

const MAX_SECONDS = 30;

export class Backoff {
  // {reason, isSignedOut, until} while there is a pause.
  pause = null;
  #failures = 0;
  #timer;

  // Calls `onEnd` once the pause is over.
  start(error, onEnd) {
    const seconds = Math.min(MAX_SECONDS, 2 ** this.#failures) * (0.8 + 0.4 * Math.random());
    this.#failures += 1;
    this.#timer = setTimeout(onEnd, seconds * 1000);
    this.pause = { reason: error.message, isSignedOut: error.isSignedOut, until: Date.now() + seconds * 1000 };
  }

  end() {
    clearTimeout(this.#timer);
    this.pause = null;
  }

  // The server has answered.
  reset() {
    this.#failures = 0;
  }
}
