// One file and how far it is.
//
// States on the way: linked · fetching (by the server, from the web) · new · hashing · unchecked · checking (whether the server has it) · duplicate (waits for an upload of
// the same content) · queued · sending · processing (all bytes are sent).
// At the end: received (from here on, `asset.state` says more) · refused · failed · cancelled · interrupted (the page was
// closed).

import { formatErrors } from "../request.js";
import { fieldErrors } from "./details.js";

export const BUSY = ["linked", "fetching", "new", "hashing", "unchecked", "checking", "duplicate", "queued", "sending", "processing"];
export const MAX_ATTEMPTS = 5;
// Reasons that say nothing about the file.
const PASSING = ["changed", "disk_full"];
const SPEED_INTERVAL = 0.25; // seconds
let lastId = 0;

// In milliseconds, before another attempt of a request that fails while others go through.
export function pauseAfter(attempts) {
  return 250 * 2 ** attempts;
}

export class Upload {
  id = ++lastId;
  state = "new";
  folder = "";
  // Where the server fetches it from, instead of a file.
  url = "";
  // What is given for this file alone; the rest comes from its batch.
  overrides = {};
  // The fraction of the body that is sent; its bytes; bytes per second.
  progress = 0;
  sent = 0;
  speed = 0;
  attempts = 0;
  // Where its parts are sent to, once it was begun.
  partsUrl = null;
  // After a request with others has failed.
  isSentAlone = false;
  // Until the next attempt.
  isWaiting = false;
  sha256 = "";
  asset = null;
  note = "";
  error = "";
  metadataError = "";
  // What is wrong with its details, by field.
  fieldErrors = {};
  // The details that were refused.
  refusedMetadata = null;
  failedPolls = 0;
  statusError = "";
  // The metadata saved before a change that somebody else’s was in the way of.
  conflict = null;
  // Of its details, while it is open.
  form = null;
  onChange = () => {};
  // Called when an upload that was waiting may go on.
  onReady = () => {};

  constructor(fields) {
    Object.assign(this, fields);
  }

  // The browser still needs the file.
  get isBusy() {
    return BUSY.includes(this.state);
  }

  // The server has the file, but its URL is not there or not verified yet.
  get isPending() {
    if (this.state !== "received" || this.statusError) return false;
    const { state, link_status: link } = this.asset;
    return state === "queued" || state === "sending" || (state === "stored" && link === "unchecked");
  }

  // Its preview may come yet.
  get isPreviewing() {
    return this.state === "received" && !this.asset.preview && this.asset.is_previewing !== false;
  }

  get needsAttention() {
    const hasFailed = ["refused", "failed", "interrupted"].includes(this.state) || this.asset?.state === "failed";
    return hasFailed || Boolean(this.metadataError || this.statusError);
  }

  get reason() {
    return this.metadataError || this.statusError || (this.asset?.state === "failed" ? this.asset.error : this.error);
  }

  get canEdit() {
    return !["refused", "cancelled", "interrupted"].includes(this.state) || Boolean(this.hasInvalidMetadata);
  }

  get canCancel() {
    return this.isBusy && this.state !== "processing";
  }

  get canRetry() {
    if (this.asset) return this.asset.state === "failed" || this.canSaveAgain;
    return Boolean(this.file || this.url) && (["failed", "cancelled"].includes(this.state) || this.hasInvalidMetadata);
  }

  // Details over what somebody else has changed, or after trouble that may be over.
  get canSaveAgain() {
    return Boolean(this.conflict || (this.metadataError && !Object.keys(this.fieldErrors).length));
  }

  // The fields of the upload form.
  get metadata() {
    const { batch, overrides } = this;
    return {
      title: overrides.title ?? batch.titleOf(this),
      tags: overrides.tags ?? batch.tags,
      collection: overrides.collection ?? batch.collectionOf(this),
      description: overrides.description ?? batch.description,
      visibility: overrides.visibility ?? batch.visibility,
    };
  }

  get secondsLeft() {
    return this.speed ? (this.size * (1 - this.progress)) / this.speed : Infinity;
  }

  setState(state, fields = {}) {
    Object.assign(this, fields, { state });
    // From here on, the preview shows what it looks like.
    if (this.asset?.preview) this.file = null;
    this.onChange(this);
  }

  // Waits, the longer after each failure, while the others go on. After the last attempt, fails with the server's words.
  retryOrFail(error) {
    // Signed out or offline, it waits for the person.
    if (!error.isSignedOut && navigator.onLine) this.attempts += 1;
    if (!error.canRetry) this.fail(error.message);
    else if (this.attempts >= MAX_ATTEMPTS) this.fail(`Failed after ${MAX_ATTEMPTS} attempts: ${error.message}`);
    else this.setState("unchecked", { isWaiting: error.isAboutThisAlone });
    if (this.isWaiting) setTimeout(() => this.#goOn(), pauseAfter(this.attempts));
  }

  #goOn() {
    this.isWaiting = false;
    this.onReady();
  }

  fail(error) {
    this.setState("failed", { error });
  }

  failUnreadable() {
    this.fail("The file was moved, changed or deleted. Add it again.");
  }

  // The server's answer for the file; `metadata`: as it was sent.
  settle({ status, asset, note = "", error, errors }, metadata) {
    if (PASSING.includes(error?.code)) {
      // Another attempt reads the file again.
      this.setState("failed", { sha256: "", error: error.message });
      return;
    }
    if (status === "refused") {
      this.setState("refused", {
        hasInvalidMetadata: Boolean(errors),
        fieldErrors: fieldErrors(errors ?? {}),
        error: errors ? formatErrors(errors) : error.message,
      });
      return;
    }
    this.setState("received", { asset, note, savedMetadata: metadata, progress: 1, error: "" });
  }

  // `now` in milliseconds. A second attempt starts again, but the progress shown never goes back.
  recordProgress(loaded, total, now) {
    const sent = Math.min(this.size, (loaded / total) * this.size);
    const elapsed = (now - this.since) / 1000;
    if (elapsed > SPEED_INTERVAL) {
      const speed = Math.max(0, sent - this.sent) / elapsed;
      this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
      [this.sent, this.since] = [sent, now];
    }
    this.progress = Math.max(this.progress, loaded / total);
  }
}
