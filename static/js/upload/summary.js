// The head of the tray: how far all of it is, in words, as a bar, and for a screen reader.

import { bytes, count, duration } from "./format.js";

const SAY_EVERY = 8000;

export class Summary {
  #tray;
  #queue;
  #watch;
  #about;
  #isDue = false;
  #progress = 0;
  #said = 0;
  #wasBusy = false;

  constructor({ tray, queue, watch, about }) {
    [this.#tray, this.#queue, this.#watch, this.#about] = [tray, queue, watch, about];
    setInterval(() => queue.pause && this.changed(), 1000);
  }

  added(number) {
    if (!this.#wasBusy) this.#progress = 0;
    this.say(`${count(number, "file")} added.`);
    this.changed();
  }

  changed(entry) {
    if (entry?.isProblem && !entry.isSaid) {
      entry.isSaid = true;
      this.say(`${entry.name}: ${entry.reason}`);
    }
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => this.#draw());
  }

  say(text) {
    this.#said = Date.now();
    this.#part("live").textContent = text;
  }

  #part(name) {
    return this.#tray.querySelector(`[data-${name}]`);
  }

  #draw() {
    this.#isDue = false;
    const entries = this.#queue.entries.filter((entry) => entry.state !== "cancelled");
    const of = {
      all: entries,
      held: entries.filter((entry) => entry.state === "held"),
      busy: entries.filter((entry) => entry.isBusy),
      watched: entries.filter((entry) => entry.isWatched),
      problems: entries.filter((entry) => entry.isProblem),
      received: entries.filter((entry) => entry.asset),
    };
    const [title, words] = this.#words(of);
    this.#set("title", title);
    this.#set("summary", words);
    this.#drawBar(of);
    this.#drawButtons(of);
    this.#drawPause();
    this.#about.summarise();
    document.dispatchEvent(new CustomEvent("upload:held", { detail: of.held.length }));
    this.#speak(of, title, words);
  }

  #words({ all, held, busy, watched, problems, received }) {
    if (held.length && !busy.length) return [`${count(held.length, "file")} ready`, this.#weight(held)];
    if (busy.length) {
      const done = received.length;
      return [`Uploading ${count(done + busy.length, "file")}`, [done && `${done} done`, this.#pace(busy)].filter(Boolean).join(" · ")];
    }
    const need = problems.length === 1 ? "needs" : "need";
    const trouble = problems.length ? `${problems.length} of ${all.length} ${need} a look` : "";
    if (watched.length) {
      const isStored = watched.every((entry) => entry.asset.url);
      const words = [isStored ? "The URLs are being checked" : this.#estimate(watched), trouble];
      return [`${count(received.length, "file")} ${isStored ? "stored" : "received"}`, words.filter(Boolean).join(" · ")];
    }
    const stored = all.filter((entry) => entry.asset?.url).length;
    if (!stored) return [problems.length ? `${count(problems.length, "file")} not uploaded` : "Uploads", ""];
    return [`${count(stored, "file")} stored`, trouble || (stored === 1 ? "Its URL is ready" : "All have their URLs")];
  }

  #weight(entries) {
    return bytes(entries.reduce((sum, entry) => sum + entry.size, 0));
  }

  #pace(busy) {
    const speed = busy.reduce((sum, { state, speed }) => sum + (state === "sending" ? speed : 0), 0);
    const left = busy.reduce((sum, { size, progress }) => sum + size * (1 - progress), 0);
    if (!speed) return `${bytes(Math.round(left))} to go`;
    return `${bytes(Math.round(speed))}/s · about ${duration(left / speed)} left`;
  }

  #estimate(watched) {
    const { activity } = this.#watch;
    const waiting = watched.filter((entry) => entry.asset.state !== "stored").length;
    if (activity?.paused) return `Waiting for Segmind · ${activity.paused.reason}`;
    const seconds = activity?.done_at ? (new Date(activity.done_at) - Date.now()) / 1000 : 0;
    const end = seconds > 1 ? ` · about ${duration(seconds)}` : "";
    return waiting === watched.length ? `Waiting for Segmind${end}` : `${waiting} waiting for Segmind${end}`;
  }

  // A second attempt, or a file that comes later, never takes the bar back.
  #drawBar({ all, held, busy }) {
    const weight = ({ size }) => size + 50_000;
    const total = all.reduce((sum, entry) => sum + weight(entry), 0);
    const done = all.reduce((sum, entry) => sum + weight(entry) * (entry.isBusy ? entry.progress : 1), 0);
    this.#progress = Math.max(this.#progress, total ? done / total : 0);
    this.#part("overall").value = this.#progress;
    this.#part("overall").hidden = Boolean(held.length) || !busy.length;
  }

  #drawButtons({ busy, problems }) {
    const { urls } = this.#queue;
    this.#part("copy-all").hidden = !urls.length;
    this.#set("copy-words", urls.length === 1 ? "Copy URL" : `Copy ${urls.length} URLs`);
    this.#part("cancel-all").hidden = busy.filter((entry) => entry.mayBeCancelled).length < 2;
    this.#part("problems").hidden = !problems.length;
    this.#set("problems-title", `${count(problems.length, "file")} ${problems.length === 1 ? "needs" : "need"} a look`);
    this.#part("retry-all").hidden = problems.filter((entry) => entry.mayBeRetried).length < 2;
  }

  #drawPause() {
    const { pause } = this.#queue;
    this.#part("pause").hidden = !pause;
    if (!pause) return;
    const seconds = Math.max(1, Math.ceil((pause.until - Date.now()) / 1000));
    this.#set("pause-reason", pause.reason);
    this.#set("pause-until", `Nothing is lost; next try in ${seconds} s.`);
    this.#part("sign-in").hidden = !pause.isSignedOut;
  }

  #speak({ busy, watched }, title, words) {
    const isBusy = Boolean(busy.length || watched.length);
    const isEnd = this.#wasBusy && !isBusy;
    if (isEnd || (isBusy && Date.now() - this.#said > SAY_EVERY)) this.say(`${title}. ${words}`);
    this.#wasBusy = isBusy;
  }

  #set(name, text) {
    const place = this.#part(name);
    if (place.textContent !== text) place.textContent = text;
  }
}
