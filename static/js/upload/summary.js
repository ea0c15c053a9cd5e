// The head of the tray: what all uploads have come to, in words, as a bar, and for screen readers.

import { formatCount, visibleName } from "./format.js";
import { describeProblems, describeUploads } from "./summary-text.js";

const [DRAW_INTERVAL, ANNOUNCE_INTERVAL] = [100, 8000];
// What a file counts for beside its bytes, so that many small files move the bar too.
const BYTES_PER_FILE = 50_000;

export class Summary {
  #tray;
  #queue;
  #poller;
  #batchForm;
  #isDue = false;
  #progress = 0;
  #announcedAt = 0;
  #wasBusy = false;

  constructor({ tray, queue, poller, batchForm }) {
    [this.#tray, this.#queue, this.#poller, this.#batchForm] = [tray, queue, poller, batchForm];
    // The seconds of a pause count down.
    setInterval(() => queue.pause && this.update(), 1000);
  }

  announceAdded(count) {
    if (!this.#wasBusy) this.#progress = 0;
    this.announce(`${formatCount(count, "file")} added.`);
    this.update();
  }

  // `upload`: the one that has changed.
  update(upload) {
    if (upload?.needsAttention && !upload.isAnnounced) {
      upload.isAnnounced = true;
      this.announce(`${visibleName(upload.name)}: ${upload.reason}`);
    }
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => this.#draw(), DRAW_INTERVAL);
  }

  // To screen readers.
  announce(text) {
    this.#announcedAt = Date.now();
    this.#part("live").textContent = text;
  }

  #part(name) {
    return this.#tray.querySelector(`[data-${name}]`);
  }

  #draw() {
    this.#isDue = false;
    const groups = groupUploads(this.#queue.uploads);
    const [title, line] = describeUploads(groups, this.#poller.activity);
    this.#setText("title", title);
    this.#setText("summary", line);
    this.#drawBar(groups);
    this.#drawButtons(groups);
    this.#drawPause();
    this.#batchForm.update();
    this.#announceProgress(groups, `${title}. ${line}`);
  }

  // A second attempt, or a file that is added later, never moves the bar back.
  #drawBar({ all, busy }) {
    const weigh = ({ size }) => size + BYTES_PER_FILE;
    const total = all.reduce((sum, upload) => sum + weigh(upload), 0);
    const done = all.reduce((sum, upload) => sum + weigh(upload) * (upload.isBusy ? upload.progress : 1), 0);
    this.#progress = Math.max(this.#progress, total ? done / total : 0);
    this.#part("overall").value = this.#progress;
    this.#part("overall").hidden = !busy.length;
  }

  #drawButtons({ busy, problems }) {
    const { length } = this.#queue.stored;
    this.#part("copying").hidden = !length;
    this.#setText("copy-all-label", length === 1 ? "Copy URL" : `Copy ${length} URLs`);
    // Until all is sent, the tray can only be folded.
    this.#part("close").hidden = busy.length > 0;
    this.#part("cancel-all").hidden = busy.filter((upload) => upload.canCancel).length < 2;
    this.#part("footer").toggleAttribute("data-has-buttons", length > 0 || !this.#part("cancel-all").hidden);
    this.#part("problems").hidden = !problems.length;
    this.#setText("problems-title", describeProblems(problems));
    this.#part("retry-all").hidden = problems.filter((upload) => upload.canRetry).length < 2;
  }

  #drawPause() {
    const { pause } = this.#queue;
    this.#part("pause").hidden = !pause;
    if (!pause) return;
    const seconds = Math.max(1, Math.ceil((pause.until - Date.now()) / 1000));
    this.#setText("pause-reason", pause.reason);
    this.#setText("pause-until", `Retrying in ${seconds} s.`);
    this.#part("sign-in").hidden = !pause.isSignedOut;
  }

  #announceProgress({ busy, pending }, text) {
    const isBusy = Boolean(busy.length || pending.length);
    const isDue = isBusy && Date.now() - this.#announcedAt > ANNOUNCE_INTERVAL;
    if (isDue || (this.#wasBusy && !isBusy)) this.announce(text);
    this.#wasBusy = isBusy;
  }

  #setText(name, text) {
    const element = this.#part(name);
    if (element.textContent !== text) element.textContent = text;
  }
}

function groupUploads(uploads) {
  const all = uploads.filter(({ state }) => state !== "cancelled");
  return {
    all,
    busy: all.filter((upload) => upload.isBusy),
    pending: all.filter((upload) => upload.isPending),
    problems: all.filter((upload) => upload.needsAttention),
    received: all.filter(({ asset }) => asset),
  };
}
