// The rows of the tray. Only those that have been scrolled to are made, and changes are drawn once in a frame.

import { bytes, duration } from "./format.js";

const AT_ONCE = 20;
const SHOWN_AS_PICTURE = 60_000_000;

function moving(entry) {
  const parts = [`${bytes(Math.round(entry.size * entry.progress))} of ${bytes(entry.size)}`];
  if (entry.speed > 0) parts.push(`${bytes(Math.round(entry.speed))}/s`);
  if (Number.isFinite(entry.left) && entry.left > 1) parts.push(`${duration(entry.left)} left`);
  return parts.join(" · ");
}

const AT_SEGMIND = {
  queued: () => "Received · waiting for Segmind",
  sending: () => "Received · being sent to Segmind",
  stored: ({ asset }) => (asset.link_status === "unchecked" ? "Stored · the URL is being checked" : "Stored"),
  failed: ({ reason }) => reason,
};

const WORDS = {
  held: ({ size }) => `Ready · ${bytes(size)}`,
  new: ({ size }) => `Waiting · ${bytes(size)}`,
  hashing: ({ hashed }) => (hashed ? `Reading · ${Math.round(hashed * 100)} %` : "Reading"),
  ask: ({ size }) => `Waiting for the server · ${bytes(size)}`,
  asking: () => "Asking whether it is known",
  twin: ({ twin }) => `The same content as ${twin.name}, which is on its way`,
  queued: ({ size }) => `Next in line · ${bytes(size)}`,
  sending: moving,
  checking: () => "All sent · being checked",
  refused: ({ reason }) => reason,
  failed: ({ reason }) => reason,
  cancelled: () => "Cancelled",
  lost: ({ reason }) => reason,
  received: (entry) => AT_SEGMIND[entry.asset.state](entry),
};

function line(entry) {
  if (entry.fieldError) return entry.fieldError;
  const isVerified = entry.asset?.state === "stored" && entry.asset.link_status === "verified";
  return isVerified ? "Stored and verified" : WORDS[entry.state](entry);
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

function look(entry) {
  if (entry.isProblem) return "problem";
  if (entry.asset?.state === "stored") return "done";
  return entry.state === "received" ? "waiting" : entry.state;
}

export class Rows {
  #template;
  #rows = new Map();
  #dirty = new Set();
  #lists;
  #thumbs;

  // `lists`: where `problems` and the `others` go; `icons`: an element for each kind of file.
  constructor({ template, lists, thumbs }) {
    this.#template = template;
    this.#thumbs = thumbs;
    this.#lists = Object.fromEntries(
      Object.entries(lists).map(([name, list]) => [name, { list, waiting: [], end: this.#watched(name, list) }]),
    );
  }

  add(entries) {
    for (const entry of entries) this.#lists[this.#place(entry)].waiting.push(entry);
    for (const name of Object.keys(this.#lists)) {
      const { list } = this.#lists[name];
      if (list.childElementCount < AT_ONCE) this.#more(name);
    }
  }

  row(entry) {
    return this.#rows.get(entry);
  }

  changed(entry) {
    if (!this.#dirty.size) requestAnimationFrame(() => this.#draw());
    this.#dirty.add(entry);
  }

  remove(entry) {
    this.#rows.get(entry)?.remove();
    this.#rows.delete(entry);
    for (const { waiting } of Object.values(this.#lists)) {
      const at = waiting.indexOf(entry);
      if (at >= 0) waiting.splice(at, 1);
    }
  }

  #place(entry) {
    return entry.isProblem ? "problems" : "others";
  }

  #watched(name, list) {
    const end = list.nextElementSibling;
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#more(name)).observe(end);
    return end;
  }

  #more(name) {
    const { list, waiting, end } = this.#lists[name];
    list.append(...waiting.splice(0, AT_ONCE).map((entry) => this.#made(entry)));
    end.hidden = !waiting.length;
  }

  #made(entry) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.entry = entry;
    this.#rows.set(entry, row);
    row.querySelector("[data-name]").textContent = entry.name;
    for (const button of row.querySelectorAll("button")) button.querySelector(".sr-only").append(` ${entry.name}`);
    this.#thumbs.show(entry, row.querySelector("[data-thumb]"));
    this.#fill(entry, row);
    return row;
  }

  #draw() {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const entry of dirty) {
      const { list, waiting } = this.#lists[this.#place(entry)];
      let row = this.#rows.get(entry);
      if (!row) {
        // A problem is never left unseen further down.
        if (!entry.isProblem || waiting.includes(entry)) continue;
        const others = this.#lists.others.waiting;
        const at = others.indexOf(entry);
        if (at < 0) continue;
        others.splice(at, 1);
        row = this.#made(entry);
      }
      if (row.parentElement !== list) this.#moved(entry, row, list);
      this.#fill(entry, row);
    }
  }

  #moved(entry, row, list) {
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    const next = [...list.children].find((other) => other.entry.id > entry.id);
    list.insertBefore(row, next ?? null);
    focused?.focus();
  }

  #fill(entry, row) {
    write(row.querySelector("[data-line]"), line(entry));
    write(row.querySelector("[data-note]"), entry.note);
    row.dataset.look = look(entry);
    const bar = row.querySelector("progress");
    bar.value = entry.progress;
    bar.hidden = !["sending", "checking"].includes(entry.state) && !(entry.isBusy && entry.progress > 0);
    const link = row.querySelector("[data-name]");
    if (entry.asset && !link.href) Object.assign(link, { href: entry.asset.page, title: entry.name });
    this.#fillActions(entry, row);
    this.#thumbs.update(entry, row.querySelector("[data-thumb]"));
  }

  #fillActions(entry, row) {
    const copy = row.querySelector("[data-row-copy]");
    copy.hidden = !entry.asset?.url;
    if (entry.asset?.url) copy.dataset.copy = entry.asset.url;
    row.querySelector("[data-row-cancel]").hidden = !entry.mayBeCancelled;
    row.querySelector("[data-row-retry]").hidden = !entry.mayBeRetried;
    row.querySelector("[data-row-edit]").hidden = !entry.hasDetails;
    row.querySelector("[data-row-remove]").hidden = entry.isBusy || entry.isWatched;
  }
}

// What a file looks like, from the file itself, before a byte of it is sent.
export class Thumbs {
  #icons;

  constructor(icons) {
    this.#icons = icons;
  }

  show(entry, place) {
    const type = entry.file?.type ?? entry.asset?.media_type ?? "";
    const kind = ["image", "video", "audio"].find((name) => type.startsWith(`${name}/`)) ?? "other";
    place.replaceChildren(this.#icons.querySelector(`[data-icon="${kind}"]`).firstElementChild.cloneNode(true));
    if (entry.file && kind === "image" && entry.size < SHOWN_AS_PICTURE) this.#picture(entry, place);
    if (entry.file && kind === "video") this.#video(entry, place);
  }

  // The server's own picture, where the file is not at hand.
  update(entry, place) {
    if (entry.file || !entry.asset?.preview || place.querySelector("img")) return;
    const picture = new Image();
    picture.alt = "";
    picture.src = entry.asset.preview;
    place.replaceChildren(picture);
  }

  #picture(entry, place) {
    const picture = new Image();
    const address = URL.createObjectURL(entry.file);
    picture.alt = "";
    picture.decoding = "async";
    picture.addEventListener("load", () => {
      place.replaceChildren(picture);
      URL.revokeObjectURL(address);
    });
    // Not every format that is taken can be shown by every browser: the icon stays.
    picture.addEventListener("error", () => URL.revokeObjectURL(address));
    picture.src = address;
  }

  #video(entry, place) {
    const video = document.createElement("video");
    const address = URL.createObjectURL(entry.file);
    Object.assign(video, { muted: true, preload: "metadata", tabIndex: -1 });
    video.addEventListener("loadeddata", () => place.replaceChildren(video), { once: true });
    video.addEventListener("error", () => URL.revokeObjectURL(address), { once: true });
    video.src = `${address}#t=0.1`;
  }
}
