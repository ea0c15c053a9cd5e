// SHA-256 of files, by workers beside the page.


export class Hasher {
  #address;
  #worker;
  #jobs = new Map();
  #number = 0;

  constructor(address) {
    this.#address = address;
  }

  // The hash in hex, or null where it was cancelled or the browser cannot make one: then the file just goes up.
  hash(file, { signal, progress }) {
    this.#worker ??= this.#started();
    const id = ++this.#number;
    signal.addEventListener("abort", () => this.#worker?.postMessage({ id }), { once: true });
    return new Promise((resolve, reject) => {
      this.#jobs.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, file });
    });
  }

  #started() {
    const worker = new Worker(this.#address, { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#told(data));
    worker.addEventListener("error", () => {
      for (const job of this.#jobs.values()) job.resolve(null);
      this.#jobs.clear();
    });
    return worker;
  }

  #told({ id, done, sha256, unreadable }) {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (done !== undefined) {
      job.progress(done);
      return;
    }
    this.#jobs.delete(id);
    if (unreadable) job.reject(new Error("unreadable"));
    else job.resolve(sha256);
  }
}
