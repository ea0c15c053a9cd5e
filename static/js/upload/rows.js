// The rows of the tray. Only those in sight are in the page, and they are drawn at most once a frame.

import { visibleName } from "./format.js";
import { ListWindow } from "./list-window.js";
import { describeStatus } from "./status-text.js";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function appearanceOf(upload) {
  if (upload.needsAttention) return "problem";
  if (upload.asset?.state === "stored") return "done";
  return upload.state === "received" ? "waiting" : upload.state;
}

export class Rows {
  #template;
  #thumbnails;
  #lists;
  #uploads = new Set();
  #changed = new Set();
  // Of the uploads in sight, and of those whose form is open.
  #rows = new Map();
  #isDue = false;
  #resized = new ResizeObserver((entries) => this.#measure(entries));

  // `lists`: the elements for the uploads with `problems` and for the `others`, both in `scroller`.
  constructor({ template, lists, scroller, thumbnails }) {
    [this.#template, this.#thumbnails] = [template, thumbnails];
    this.#lists = Object.entries(lists).map(([name, element]) => [name, new ListWindow(element, scroller)]);
    for (const element of [scroller, ...Object.values(lists)]) this.#resized.observe(element);
    for (const event of ["scroll", "resize"]) addEventListener(event, () => this.#drawSoon(), { capture: true, passive: true });
  }

  get(upload) {
    return this.#rows.get(upload);
  }

  add(uploads) {
    for (const upload of uploads) this.#uploads.add(upload);
    this.#drawSoon();
  }

  update(upload) {
    this.#changed.add(upload);
    this.#drawSoon();
  }

  remove(upload) {
    this.#uploads.delete(upload);
    this.#changed.delete(upload);
    if (this.get(upload)) this.#discard(upload);
    this.#drawSoon();
  }

  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#isDue = false;
    const groups = { problems: [], others: [] };
    for (const upload of this.#uploads) groups[upload.needsAttention ? "problems" : "others"].push(upload);
    const focused = document.activeElement?.closest(".tray-row")?.upload;
    const drawn = this.#lists.map(([name, list]) => [list, list.inSight(groups[name], focused), groups[name].length]);
    if (drawn.some(([, shown]) => !shown)) return;
    this.#clear(new Set(drawn.flatMap(([, shown]) => shown.map(({ upload }) => upload))));
    for (const [list, shown, total] of drawn) {
      list.place(shown.map(({ upload, ...place }) => ({ row: this.#rowOf(upload), ...place })), total);
    }
    for (const upload of this.#changed) if (this.get(upload)) this.#fill(upload, this.get(upload));
    this.#changed.clear();
  }

  // Takes the other rows out of the page.
  #clear(wanted) {
    for (const [upload, row] of this.#rows) {
      if (wanted.has(upload)) continue;
      if (row.querySelector(".tray-row-form")) row.remove();
      else this.#discard(upload);
    }
  }

  #discard(upload) {
    const row = this.get(upload);
    this.#rows.delete(upload);
    this.#resized.unobserve(row);
    row.remove();
  }

  #measure(entries) {
    for (const { target, borderBoxSize } of entries) {
      if (target.upload) for (const [, list] of this.#lists) list.setHeight(target.upload, borderBoxSize[0].blockSize);
    }
    this.#drawSoon();
  }

  #rowOf(upload) {
    return this.get(upload) ?? this.#create(upload);
  }

  #create(upload) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.upload = upload;
    this.#rows.set(upload, row);
    row.querySelector("[data-name]").textContent = visibleName(upload.name);
    for (const button of row.querySelectorAll("button")) button.querySelector(".sr-only").append(` ${visibleName(upload.name)}`);
    this.#thumbnails.show(upload, row.querySelector("[data-thumbnail]"));
    this.#fill(upload, row);
    this.#resized.observe(row);
    return row;
  }

  #fill(upload, row) {
    const { asset, progress, state } = upload;
    setText(row.querySelector("[data-status-text]"), describeStatus(upload));
    setText(row.querySelector("[data-note]"), [asset?.warning?.message, upload.note].filter(Boolean).join(" "));
    row.dataset.status = appearanceOf(upload);
    const bar = row.querySelector("progress");
    bar.value = progress;
    bar.hidden = !["sending", "processing"].includes(state) && !(upload.isBusy && progress > 0);
    const link = row.querySelector("[data-name]");
    if (asset && !link.href) Object.assign(link, { href: asset.page, title: visibleName(upload.name) });
    showActions(upload, row);
    this.#thumbnails.update(upload, row.querySelector("[data-thumbnail]"));
  }
}

function showActions(upload, row) {
  const copy = row.querySelector("[data-row-copy]");
  const url = upload.asset?.url;
  // They have one place.
  copy.hidden = !url || upload.canRetry;
  if (url) copy.dataset.copy = url;
  row.querySelector("[data-row-cancel]").hidden = !upload.canCancel;
  row.querySelector("[data-row-retry]").hidden = !upload.canRetry;
  row.querySelector("[data-row-edit]").hidden = !upload.canEdit;
  row.querySelector("[data-row-remove]").hidden = upload.isBusy || upload.isPending;
}
