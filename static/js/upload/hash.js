// SHA-256 of files, computed in a worker.

export class Hasher {
  #workerUrl;
  #worker;
  #jobs = new Map();
  #lastId = 0;

  constructor(workerUrl) {
    this.#workerUrl = workerUrl;
  }

  // Resolves to the hash in hex, or to null where it was cancelled or the browser cannot compute one; a file can be
  // uploaded without. Rejects where the file cannot be read.
  hash(file, { signal, progress }) {
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    signal.addEventListener("abort", () => this.#worker?.postMessage({ id }), { once: true });
    return new Promise((resolve, reject) => {
      this.#jobs.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, file });
    });
  }

  #start() {
    const worker = new Worker(this.#workerUrl, { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", () => {
      for (const job of this.#jobs.values()) job.resolve(null);
      this.#jobs.clear();
    });
    return worker;
  }

  #receive({ id, done, sha256, isUnreadable }) {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (done !== undefined) {
      job.progress(done);
      return;
    }
    this.#jobs.delete(id);
    if (isUnreadable) job.reject(new Error("unreadable"));
    else job.resolve(sha256);
  }
}
