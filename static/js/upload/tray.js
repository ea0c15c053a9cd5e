// The upload tray: opened with the first file, on whatever page; it brings the queue, its rows and its fields together.

import "./new-cards.js";
import { About, toggleForm } from "./metadata.js";
import { Batch } from "./upload.js";
import { files } from "./dropped-files.js";
import { Hasher } from "./hash.js";
import { Keep } from "./tray-storage.js";
import { Queue } from "./queue.js";
import { Rows, Thumbs } from "./rows.js";
import { Server } from "./server.js";
import { Summary } from "./summary.js";
import { Visits } from "./navigation.js";
import { Watch } from "./status-poller.js";
import { count } from "./format.js";
import { toast } from "../toast.js";

const SKIPPED = {
  hidden: (n) => `${count(n, "hidden file")} left out`,
  empty: (n) => `${count(n, "folder")} without files`,
  unreadable: (n) => `${n} could not be read`,
};

// The tray of this page, from its parts at `address`. `kept`: the name under which a page leaves it to the next one.
export async function open(address, kept) {
  const response = await fetch(address);
  const parts = document.createElement("template");
  parts.innerHTML = await response.text();
  const tray = parts.content.querySelector("[data-tray]");
  if (!response.ok || response.redirected || !tray) {
    location.reload();
    throw new Error("signed out");
  }
  await styled(tray.dataset.styles);
  return new Tray(tray, parts.content.querySelector("[data-veil]"), kept);
}

function styled(href) {
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
    document.head.append(link);
  });
}

class Tray {
  #tray;
  #veil;
  #batch = null;
  #adding = new Set();

  constructor(tray, veil, kept) {
    [this.#tray, this.#veil] = [tray, veil];
    const at = { ...tray.dataset };
    this.server = new Server(at);
    const limits = { mostBytes: Number(at.mostBytes), headBytes: Number(at.headBytes) };
    this.queue = new Queue({ server: this.server, hasher: new Hasher(at.hasher), limits });
    this.watch = new Watch({ queue: this.queue, server: this.server });
    this.rows = new Rows({
      template: tray.querySelector("[data-row]"),
      lists: { problems: this.#part("list=problems"), others: this.#part("list=others") },
      thumbs: new Thumbs(tray.querySelector("[data-icons]").content),
    });
    this.about = new About({ place: this.#part("about"), changed: () => this.queue.fieldsChanged() });
    this.summary = new Summary({ tray, queue: this.queue, watch: this.watch, about: this.about });
    this.keep = new Keep({ name: kept, person: at.person, queue: this.queue, tray });
    this.visits = new Visits({ queue: this.queue, arrived: () => this.#settle() });
    this.#listen();
    document.body.append(veil);
    this.#settle();
    this.#restore();
  }

  // Shows where a drop would go.
  hover(isOver) {
    this.#veil.toggleAttribute("data-simple", Boolean(this.#form));
    this.#veil.hidden = !isOver;
  }

  // Takes what was dropped, pasted or chosen: [{entry, file}].
  async add(found, { visibility, pasted = false } = {}) {
    this.#unfold();
    const batch = this.#batchFor(visibility);
    const adding = this.#read(batch, found, pasted);
    this.#adding.add(adding);
    await adding;
    this.#adding.delete(adding);
  }

  // Sends what was held for the form on the upload page, with the form's words. False: nothing was.
  async release(words) {
    await Promise.all(this.#adding);
    if (!this.#batch?.isHeld || !this.#batch.entries.length) return false;
    Object.assign(this.#batch, words);
    this.queue.release(this.#batch);
    this.about.show(this.#batch);
    return true;
  }

  async #read(batch, found, pasted) {
    const skipped = new Map();
    const skip = (why, name) => skipped.set(why, [...(skipped.get(why) ?? []), name]);
    for await (const some of files(found, { pasted, skip })) {
      this.queue.add(batch, some);
      this.about.show(batch);
    }
    for (const [why, names] of skipped) this.#note(why, names);
  }

  get #form() {
    return document.querySelector("[data-upload-form]");
  }

  #part(name) {
    const [attribute, value] = name.split("=");
    return this.#tray.querySelector(value ? `[data-${attribute}="${value}"]` : `[data-${attribute}]`);
  }

  #batchFor(visibility) {
    const isHeld = Boolean(this.#form);
    const now = this.#batch;
    const goesOn = now?.isBusy && now.isHeld === isHeld && [undefined, now.visibility].includes(visibility);
    if (!goesOn) this.#batch = new Batch({ visibility: visibility ?? "team", isHeld });
    return this.#batch;
  }

  #listen() {
    this.queue.addEventListener("added", ({ detail }) => {
      this.rows.add(detail);
      this.summary.added(detail.length);
      this.watch.start();
    });
    this.queue.addEventListener("changed", ({ detail: entry }) => {
      this.rows.changed(entry);
      this.summary.changed(entry);
      if (entry.isWatched) this.#received(entry);
    });
    this.queue.addEventListener("removed", ({ detail }) => {
      this.rows.remove(detail);
      this.summary.changed();
      if (this.#batch?.entries.length) this.about.show(this.#batch);
    });
    this.queue.addEventListener("paused", () => this.summary.changed());
    for (const zone of this.#veil.querySelectorAll("[data-drop]")) {
      zone.addEventListener("dragenter", () => (zone.dataset.over = ""));
      for (const end of ["dragleave", "drop"]) zone.addEventListener(end, () => delete zone.dataset.over);
    }
    this.#tray.addEventListener("click", (event) => this.#clicked(event));
    this.#tray.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#tray.matches("[data-inline], [data-state=folded]")) return;
      event.preventDefault();
      this.#fold(true);
    });
    this.#part("copy-all").addEventListener("asset:copied", ({ target }) =>
      toast(`${count(target.dataset.copy.split("\n").length, "URL")} copied`),
    );
    addEventListener("beforeunload", (event) => this.queue.isBusy && event.preventDefault());
  }

  #received(entry) {
    if (entry.isAnnounced) return;
    entry.isAnnounced = true;
    document.dispatchEvent(new CustomEvent("upload:received", { detail: entry.asset }));
    this.watch.start();
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    const { entry } = button.closest(".tray-row") ?? {};
    const does = {
      fold: () => this.#fold(this.#tray.dataset.state === "open"),
      close: () => this.#close(),
      "go-on": () => this.queue.goOn(),
      "retry-all": () => this.queue.entries.filter((one) => one.mayBeRetried).forEach((one) => this.queue.retry(one)),
      "cancel-all": () => this.queue.entries.forEach((one) => this.queue.cancel(one)),
      "copy-all": () => (button.dataset.copy = this.queue.urls.join("\n")),
      "row-cancel": () => this.queue.cancel(entry),
      "row-retry": () => this.queue.retry(entry),
      "row-remove": () => this.#remove(entry),
      "row-edit": () =>
        toggleForm({
          entry,
          row: this.rows.row(entry),
          template: this.#part("row-form"),
          changed: () => this.queue.fieldsChanged(),
        }),
    };
    const name = Object.keys(does).find((key) => button.hasAttribute(`data-${key}`));
    does[name]?.();
  }

  // The focus goes to the neighbour of a row that goes.
  #remove(entry) {
    const row = this.rows.row(entry);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    this.queue.remove(entry);
    (next?.querySelector("button:not([hidden])") ?? this.#part("fold")).focus();
  }

  #close() {
    if (this.queue.isBusy) {
      this.#fold(true);
      return;
    }
    for (const entry of [...this.queue.entries]) this.queue.remove(entry);
    this.#part("notes").replaceChildren();
    this.#batch = null;
    this.#tray.hidden = true;
    this.keep.save();
  }

  #fold(isFolded) {
    this.#tray.dataset.state = isFolded ? "folded" : "open";
    this.#part("fold").setAttribute("aria-expanded", String(!isFolded));
    this.keep.save();
  }

  #unfold() {
    this.#tray.hidden = false;
    this.#fold(false);
  }

  // In its place on the upload page, or at the edge of any other one.
  #settle() {
    const slot = document.querySelector("[data-upload-slot]");
    if (!slot && this.#tray.hasAttribute("data-inline")) this.#fold(true);
    this.#tray.toggleAttribute("data-inline", Boolean(slot));
    const place = slot ?? document.body;
    if (this.#tray.parentElement !== place) place.append(this.#tray);
    this.#tray.hidden = !this.queue.entries.length;
  }

  #restore() {
    const { entries, isFolded } = this.keep.read();
    if (!entries.length) return;
    this.queue.restore(entries, new Batch({ visibility: "team", isHeld: false }));
    this.#part("about").remove();
    this.#tray.hidden = false;
    // Another page was wanted for what it shows.
    const [{ type }] = performance.getEntriesByType("navigation");
    this.#fold(isFolded || type !== "reload");
  }

  #note(why, names) {
    const shown = names.slice(0, 3).join(", ");
    const note = document.createElement("li");
    note.textContent = `${SKIPPED[why](names.length)}: ${shown}${names.length > 3 ? " …" : ""}`;
    this.#part("notes").append(note);
    this.summary.say(note.textContent);
  }
}
