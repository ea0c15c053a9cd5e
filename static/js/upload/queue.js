// Brings files to the server: hashes each, asks in batches which are known or refused, and sends the others, a few at
// a time. Announces `added`, `changed` (detail: the entry), `removed` and `paused`.

import { announcement, isToBeAsked, nextToAsk } from "./precheck.js";
import { Edits } from "./edit-queue.js";
import { Entry } from "./upload.js";
import { sentences } from "./server.js";

const LANES = { hashing: 2, sending: 3 };
const MOST_ATTEMPTS = 5;
const LONGEST_PAUSE = 30;
const GONE = "The browser can no longer read the file: it was moved, changed or removed. Add it again.";

export class Queue extends EventTarget {
  entries = [];
  pause = null;
  #server;
  #hasher;
  #limits;
  #busy = { hashing: 0, sending: 0 };
  #edits;
  #isAsking = false;
  #failures = 0;

  // `limits`: `mostBytes` of a file, and `headBytes` of it that tell its type.
  constructor({ server, hasher, limits }) {
    super();
    [this.#server, this.#hasher, this.#limits] = [server, hasher, limits];
    const changed = (entry) => this.#announce("changed", entry);
    this.#edits = new Edits({ server, changed, trouble: (trouble) => this.#wait(trouble) });
  }

  get isBusy() {
    return this.entries.some((entry) => entry.isBusy || entry.state === "held") || this.#edits.isBusy;
  }

  get urls() {
    return [...new Set(this.entries.map((entry) => entry.asset?.url).filter(Boolean))];
  }

  add(batch, found) {
    const added = found.map(({ file, folder }) => {
      const { name, size } = file;
      const position = batch.entries.length + 1;
      const entry = new Entry({ file, folder, name, size, batch, position, state: batch.isHeld ? "held" : "new" });
      batch.entries.push(entry);
      return entry;
    });
    this.entries.push(...added);
    this.#announce("added", added);
    this.go();
  }

  // Entries of an earlier page, of which only the server's part goes on.
  restore(kept, batch) {
    const restored = kept.map((fields) => new Entry({ ...fields, batch }));
    for (const entry of restored) if (entry.asset) entry.agreed = entry.fields;
    batch.entries.push(...restored);
    this.entries.push(...restored);
    this.#announce("added", restored);
  }

  release(batch) {
    batch.isHeld = false;
    for (const entry of batch.entries) if (entry.state === "held") this.#set(entry, "new");
    this.go();
  }

  cancel(entry) {
    if (!entry.mayBeCancelled) return;
    this.#set(entry, "cancelled");
    entry.stop?.abort();
    this.go();
  }

  remove(entry) {
    this.cancel(entry);
    this.entries.splice(this.entries.indexOf(entry), 1);
    entry.batch.entries.splice(entry.batch.entries.indexOf(entry), 1);
    this.#announce("removed", entry);
  }

  async retry(entry) {
    if (!entry.mayBeRetried) return;
    if (entry.asset) {
      await this.#resend(entry);
      return;
    }
    Object.assign(entry, { attempts: 0, error: "", areFieldsRefused: false });
    this.#set(entry, entry.sha256 ? "ask" : "new");
    this.goOn();
  }

  // To be called where the words of a batch or an entry have changed.
  fieldsChanged() {
    for (const entry of this.entries) {
      if (entry.areFieldsRefused) this.retry(entry);
      if (entry.asset) this.#edits.add(entry);
    }
    this.go();
  }

  // What a poll has brought of an entry.
  update(entry, asset) {
    Object.assign(entry.asset, asset);
    this.#announce("changed", entry);
  }

  // Ends a pause early.
  goOn() {
    clearTimeout(this.pause?.timer);
    this.pause = null;
    this.#announce("paused");
    this.go();
  }

  go() {
    for (const entry of this.entries) {
      if (entry.state === "twin" && !entry.twin.isBusy) this.#set(entry, "ask");
    }
    this.#fill("hashing", "new", (entry) => this.#hash(entry));
    if (this.pause) return;
    if (!this.#isAsking && this.entries.some(isToBeAsked)) this.#ask();
    this.#fill("sending", "queued", (entry) => this.#send(entry));
    this.#edits.go();
  }

  #fill(lane, state, work) {
    while (this.#busy[lane] < LANES[lane]) {
      const entry = this.entries.find((one) => one.state === state);
      if (!entry) return;
      this.#set(entry, lane);
      entry.stop = new AbortController();
      this.#run(lane, () => work(entry));
    }
  }

  async #run(lane, work) {
    this.#busy[lane] += 1;
    await work();
    this.#busy[lane] -= 1;
    this.go();
  }

  async #hash(entry) {
    const { signal } = entry.stop;
    const progress = (share) => {
      entry.hashed = share;
      this.#announce("changed", entry);
    };
    // What is refused for its size need not be read.
    if (entry.size > 0 && entry.size <= this.#limits.mostBytes) {
      try {
        entry.sha256 = await this.#hasher.hash(entry.file, { signal, progress });
      } catch {
        this.#fail(entry, GONE);
        return;
      }
    }
    if (!signal.aborted) this.#set(entry, "ask");
  }

  async #ask() {
    this.#isAsking = true;
    const files = [];
    const asked = [];
    for (const entry of nextToAsk(this.entries, this.#limits)) {
      entry.isJudged = true;
      if (entry.state === "ask") this.#set(entry, "asking");
      try {
        files.push(await announcement(entry, this.#limits));
        asked.push(entry);
      } catch {
        this.#fail(entry, GONE);
      }
    }
    try {
      const { results } = files.length ? await this.#server.announce(files) : { results: [] };
      this.#failures = 0;
      asked.forEach((entry, number) => this.#answered(entry, results[number]));
    } catch (trouble) {
      for (const entry of asked) {
        entry.isJudged = false;
        if (entry.state !== "asking") continue;
        if (trouble.again) this.#set(entry, "ask");
        else this.#fail(entry, trouble.message);
      }
      if (trouble.again) this.#wait(trouble);
    }
    this.#isAsking = false;
    this.go();
  }

  #answered(entry, result) {
    // Cancelled while the question was on its way: what became an entry all the same is one.
    if (entry.state !== "asking" && result.status !== "known" && !(entry.state === "held" && result.error)) return;
    if (result.status !== "unknown") {
      this.#settle(entry, result, entry.asked);
      return;
    }
    const twin = this.entries.find(
      (e) => e !== entry && entry.sha256 && e.sha256 === entry.sha256 && ["queued", "sending", "checking"].includes(e.state),
    );
    entry.twin = twin;
    this.#set(entry, twin ? "twin" : "queued");
  }

  async #send(entry) {
    const { signal } = entry.stop;
    const fields = entry.fields;
    Object.assign(entry, { sent: 0, since: performance.now() });
    const progress = (loaded, total) => {
      if (entry.state !== "sending") return;
      entry.moved(loaded, total, performance.now());
      if (loaded === total) this.#set(entry, "checking");
      else this.#announce("changed", entry);
    };
    try {
      const answer = await this.#server.send(entry.file, fields, { signal, progress });
      this.#failures = 0;
      this.#settle(entry, answer.results[0] ?? { status: "refused", errors: answer.errors }, fields);
    } catch (trouble) {
      if (signal.aborted) return;
      await this.#broke(entry, trouble);
    }
  }

  async #broke(entry, trouble) {
    const isThere = await entry.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!isThere) this.#fail(entry, GONE);
    else if (!trouble.again) this.#fail(entry, trouble.message);
    else if (++entry.attempts >= MOST_ATTEMPTS) {
      this.#fail(entry, `${trouble.message} It was tried ${MOST_ATTEMPTS} times.`);
    } else {
      // Asked again first: it may have arrived although the answer did not.
      this.#set(entry, "ask");
      this.#wait(trouble);
    }
  }

  #settle(entry, { status, asset, note, error, errors }, fields) {
    if (status === "refused") {
      entry.areFieldsRefused = Boolean(errors);
      this.#fail(entry, errors ? sentences(errors) : error.message, "refused");
      return;
    }
    Object.assign(entry, { asset, note: note ?? "", agreed: fields, progress: 1, error: "" });
    this.#edits.add(entry);
    this.#set(entry, "received");
  }

  // The server has the file, and Segmind is to get it again.
  async #resend(entry) {
    try {
      entry.asset = await this.#server.retry(entry.asset);
    } catch (trouble) {
      entry.fieldError = trouble.message;
    }
    this.#set(entry, "received");
  }

  // All stops for a while: what fails for one would fail for the others.
  async #wait(trouble) {
    if (this.pause) return;
    const seconds = Math.min(LONGEST_PAUSE, 2 ** this.#failures) * (0.8 + 0.4 * Math.random());
    this.#failures += 1;
    const timer = setTimeout(() => this.goOn(), seconds * 1000);
    this.pause = { reason: trouble.message, isSignedOut: trouble.isSignedOut, until: Date.now() + seconds * 1000, timer };
    this.#announce("paused");
    if (trouble.isStale) await this.#server.renew().catch(() => {});
  }

  #fail(entry, reason, state = "failed") {
    entry.error = reason;
    this.#set(entry, state);
  }

  #set(entry, state) {
    entry.state = state;
    this.#announce("changed", entry);
  }

  #announce(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
