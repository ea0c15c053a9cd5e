// One file on its way, and the batch it came in.
//
// States: held (until the form is sent) · new · hashing · ask · asking · twin (waits for the same content) · queued ·
// sending · checking (all is sent) · received (the rest is `asset.state`), and the ends refused · failed · cancelled ·
// lost (the page was left before it was sent).

const BUSY = new Set(["new", "hashing", "ask", "asking", "twin", "queued", "sending", "checking"]);
let number = 0;

export class Batch {
  title = "";
  tags = "";
  collection = "";
  description = "";
  folders = true;
  entries = [];

  constructor({ visibility, isHeld }) {
    this.visibility = visibility;
    this.isHeld = isHeld;
  }

  get isBusy() {
    return this.isHeld || this.entries.some((entry) => entry.isBusy || entry.isWatched);
  }

  get hasFolders() {
    return this.entries.some((entry) => entry.folder);
  }
}

export class Entry {
  id = ++number;
  state = "new";
  folder = "";
  // Own words, where they differ from the batch's.
  own = {};
  progress = 0;
  sent = 0;
  speed = 0;
  attempts = 0;
  sha256 = "";
  asset = null;
  note = "";
  error = "";
  // What is wrong with words that were to be saved.
  fieldError = "";

  constructor(fields) {
    Object.assign(this, fields);
  }

  // The browser still needs the file.
  get isBusy() {
    return BUSY.has(this.state);
  }

  // The server is not through with it: its URL is not there, or not verified.
  get isWatched() {
    if (this.state !== "received") return false;
    const { state, link_status: link } = this.asset;
    return state === "queued" || state === "sending" || (state === "stored" && link === "unchecked");
  }

  get isProblem() {
    return ["refused", "failed", "lost"].includes(this.state) || this.asset?.state === "failed" || Boolean(this.fieldError);
  }

  get reason() {
    return this.fieldError || (this.asset?.state === "failed" ? this.asset.error : this.error);
  }

  // Words about it can still be given.
  get hasDetails() {
    return !["refused", "cancelled", "lost"].includes(this.state) || Boolean(this.areFieldsRefused);
  }

  get mayBeCancelled() {
    return this.isBusy && this.state !== "checking";
  }

  get mayBeRetried() {
    if (this.asset) return this.asset.state === "failed";
    return Boolean(this.file) && (["failed", "cancelled"].includes(this.state) || this.areFieldsRefused);
  }

  get place() {
    // A comma would separate names.
    const folder = this.batch.folders ? this.folder.replaceAll(/[,\s]+/g, " ") : "";
    return [this.batch.collection, folder].filter(Boolean).join("/");
  }

  // What is said about the file, for the form.
  get fields() {
    const { batch, own } = this;
    const count = batch.entries.length;
    const title = batch.title && count > 1 ? `${batch.title.slice(0, 190)} ${this.position}` : batch.title;
    return {
      title: own.title ?? title,
      tags: own.tags ?? batch.tags,
      collection: own.collection ?? this.place,
      description: batch.description,
      visibility: own.visibility ?? batch.visibility,
    };
  }

  get left() {
    return this.speed ? (this.size * (1 - this.progress)) / this.speed : Infinity;
  }

  // Bytes of the body so far. A second attempt starts again; what is shown does not go back.
  moved(loaded, total, now) {
    const sent = Math.min(this.size, (loaded / total) * this.size);
    const elapsed = (now - this.since) / 1000;
    if (elapsed > 0.25) {
      const speed = Math.max(0, sent - this.sent) / elapsed;
      this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
      [this.sent, this.since] = [sent, now];
    }
    this.progress = Math.max(this.progress, loaded / total);
  }
}
