// Brings files to the server: hashes each, checks which are known or refused, and sends the others, a few at a time.
// Dispatches `added` (detail: the uploads), `changed` and `removed` (detail: the upload), and `paused`.

import { Backoff } from "./backoff.js";
import { EditQueue } from "./edit-queue.js";
import { checkNext } from "./precheck.js";
import { failOrRetry, selectNext, sendFiles } from "./send-file.js";
import { BUSY, Upload } from "./upload.js";
import { UploadStates } from "./upload-states.js";

const MAX_RUNNING = { fetching: 2, hashing: 2, sending: 3 };

export class Queue extends EventTarget {
  uploads = [];
  #states = new UploadStates();
  #server;
  #hasher;
  #limits;
  #edits;
  #backoff = new Backoff();
  #running = { fetching: 0, hashing: 0, sending: 0 };
  #isChecking = false;

  // `limits`: `maxBytes` of a file, and the `headBytes` that tell its type.
  constructor({ server, hasher, limits }) {
    super();
    [this.#server, this.#hasher, this.#limits] = [server, hasher, limits];
    this.#edits = new EditQueue({
      server,
      onSaved: (upload) => this.#dispatch("changed", upload),
      onError: (error) => this.#pauseAfter(error),
    });
  }

  get isBusy() {
    return this.#states.has(...BUSY) || this.#edits.isBusy;
  }

  isSaving(upload) {
    return this.#edits.has(upload);
  }

  get pause() {
    return this.#backoff.pause;
  }

  // With a URL, each once.
  get stored() {
    return [...new Map(this.uploads.filter(({ asset }) => asset?.url).map(({ asset }) => [asset.url, asset])).values()];
  }

  // `files`: [{file, folder}].
  add(batch, files) {
    const added = files.map(({ file, folder }, index) => {
      const position = batch.uploads.length + index + 1;
      return new Upload({ file, folder, name: file.name, size: file.size, position });
    });
    this.#append(batch, added);
    this.run();
  }

  // Files on the web, which the server fetches.
  addUrls(batch, urls) {
    const added = urls.map((url, index) => {
      const position = batch.uploads.length + index + 1;
      return new Upload({ url, name: nameOf(url), size: 0, position, state: "linked" });
    });
    this.#append(batch, added);
    this.run();
  }

  // Uploads saved by an earlier page. Those that the server has received are followed further.
  restore(batch, saved) {
    const restored = saved.map((fields) => new Upload(fields));
    this.#append(batch, restored);
    for (const upload of restored) if (upload.asset) upload.savedMetadata = upload.metadata;
  }

  cancel(upload) {
    if (!upload.canCancel) return;
    upload.setState("cancelled");
    upload.controller?.abort();
    this.run();
  }

  remove(upload) {
    this.cancel(upload);
    for (const uploads of [this.uploads, upload.batch.uploads]) uploads.splice(uploads.indexOf(upload), 1);
    this.#states.remove(upload);
    this.#dispatch("removed", upload);
  }

  async retry(upload) {
    if (!upload.canRetry) return;
    if (upload.asset && upload.canSaveAgain) {
      this.#edits.insist(upload);
      return;
    }
    if (upload.asset) {
      await this.#retryAtSegmind(upload);
      return;
    }
    const first = upload.url ? "linked" : upload.sha256 ? "unchecked" : "new";
    upload.setState(first, { attempts: 0, error: "", fieldErrors: {}, hasInvalidMetadata: false });
    this.resume();
  }

  // To be called after the metadata of a batch or an upload has changed.
  saveMetadata() {
    for (const upload of this.uploads) {
      if (upload.hasInvalidMetadata) this.retry(upload);
      if (upload.asset) this.#edits.add(upload);
    }
    this.run();
  }

  // Ends a pause early.
  resume() {
    this.#backoff.end();
    this.#dispatch("paused");
    this.run();
  }

  // Starts whatever can be started now.
  run() {
    for (const upload of this.#states.in("duplicate")) {
      if (!upload.original.isBusy) upload.setState("unchecked");
    }
    this.#start("hashing", () => [this.#states.first("new")].filter(Boolean), ([upload]) => this.#hash(upload));
    if (this.pause) return;
    this.#start("fetching", () => [this.#states.first("linked")].filter(Boolean), ([upload]) => this.#fetch(upload));
    if (!this.#isChecking && this.#toCheck.length) this.#check();
    this.#start("sending", () => selectNext(this.#states.in("queued")), (uploads) => this.#send(uploads));
    this.#edits.run();
  }

  get #toCheck() {
    return this.#states.in("unchecked").filter(({ isWaiting }) => !isWaiting);
  }

  #append(batch, uploads) {
    for (const upload of uploads) {
      Object.assign(upload, { batch, onChange: () => this.#change(upload), onReady: () => this.run() });
      this.#states.update(upload);
    }
    batch.uploads.push(...uploads);
    this.uploads.push(...uploads);
    this.#dispatch("added", uploads);
  }

  // `select()`: the uploads that one `work(uploads)` is for, none if nothing is left to do.
  #start(activity, select, work) {
    while (this.#running[activity] < MAX_RUNNING[activity]) {
      const uploads = select();
      if (!uploads.length) return;
      const controller = new AbortController();
      for (const upload of uploads) upload.setState(activity, { controller });
      this.#track(activity, work(uploads));
    }
  }

  async #track(activity, work) {
    this.#running[activity] += 1;
    await work;
    this.#running[activity] -= 1;
    this.run();
  }

  async #hash(upload) {
    const { signal } = upload.controller;
    const progress = (share) => upload.state === "hashing" && upload.setState("hashing", { hashed: share });
    // A file that is refused for its size need not be read.
    if (upload.size > 0 && upload.size <= this.#limits.maxBytes) {
      try {
        upload.sha256 = await this.#hasher.hash(upload.file, { signal, progress });
      } catch {
        upload.failUnreadable();
        return;
      }
    }
    if (!signal.aborted) upload.setState("unchecked");
  }

  async #fetch(upload) {
    const { metadata, url, controller } = upload;
    try {
      upload.settle(await this.#server.importUrl(url, metadata, controller.signal), metadata);
      if (upload.asset) this.#edits.add(upload);
    } catch (error) {
      if (error.isForbidden) this.#stop(error);
      if (controller.signal.aborted) return;
      if (error.isSignedOut) upload.setState("linked");
      else upload.fail(error.message);
      this.#pauseAfter(error);
    }
  }

  async #check() {
    this.#isChecking = true;
    try {
      const underway = () => this.#states.in("queued", "sending", "processing");
      const checked = await checkNext(this.#toCheck, underway, { server: this.#server, limits: this.#limits });
      this.#backoff.reset();
      for (const upload of checked) if (upload.asset) this.#edits.add(upload);
    } catch (error) {
      if (error.isForbidden) this.#stop(error);
      this.#pauseAfter(error);
    }
    this.#isChecking = false;
    this.run();
  }

  async #send(uploads) {
    const [{ controller: { signal } }] = uploads;
    try {
      await sendFiles(uploads, this.#server, signal);
      this.#backoff.reset();
      for (const upload of uploads) if (upload.asset) this.#edits.add(upload);
    } catch (error) {
      if (error.isForbidden) this.#stop(error);
      const left = uploads.filter((upload) => upload.isBusy && upload.controller.signal === signal);
      // One of them was cancelled, and the others with it.
      if (signal.aborted) for (const upload of left) upload.setState("unchecked");
      else await this.#recover(left, error);
    }
  }

  async #recover(uploads, error) {
    const wasTogether = uploads.length > 1;
    await Promise.all(uploads.map((upload) => failOrRetry(upload, error, { wasTogether })));
    if (uploads.some((upload) => upload.isBusy)) this.#pauseAfter(error);
  }

  async #retryAtSegmind(upload) {
    try {
      upload.asset = await this.#server.retry(upload.asset);
    } catch (error) {
      upload.metadataError = error.message;
    }
    upload.setState("received");
  }

  // Not for an error that the next file may not meet.
  #pauseAfter(error) {
    if (this.pause || !error.canRetry || error.isAboutThisAlone) return;
    this.#backoff.start(error, () => this.resume());
    this.#dispatch("paused");
  }

  // Nothing more is asked for: the answer would be the same.
  #stop(error) {
    for (const upload of this.uploads) {
      if (!upload.isBusy) continue;
      upload.controller?.abort();
      upload.fail(error.message);
    }
  }

  #change(upload) {
    this.#states.update(upload);
    this.#dispatch("changed", upload);
  }

  #dispatch(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// The last part of its path, as a file would be called.
function nameOf(url) {
  const { pathname, host } = new URL(url);
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last) || host;
  } catch {
    return last;
  }
}
