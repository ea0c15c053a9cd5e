// The rows of the tray. A row is created once it is scrolled to, and changes are drawn at most once a frame.

import { visibleName } from "./format.js";
import { describeStatus } from "./status-text.js";

const CHUNK = 20;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function listOf(upload) {
  return upload.needsAttention ? "problems" : "others";
}

function appearanceOf(upload) {
  if (upload.needsAttention) return "problem";
  if (upload.asset?.state === "stored") return "done";
  return upload.state === "received" ? "waiting" : upload.state;
}

export class Rows {
  #template;
  #thumbnails;
  // {element, undrawn, end} by name; `undrawn`: the uploads below the scroll position, which have no row yet.
  #lists;
  #rows = new Map();
  #changed = new Set();

  // `lists`: the elements for `problems` and for the `others`, each followed by one that marks its end.
  constructor({ template, lists, thumbnails }) {
    [this.#template, this.#thumbnails] = [template, thumbnails];
    const entries = Object.entries(lists).map(([name, element]) => [name, this.#observe(name, element)]);
    this.#lists = Object.fromEntries(entries);
  }

  get(upload) {
    return this.#rows.get(upload);
  }

  add(uploads) {
    for (const upload of uploads) this.#lists[listOf(upload)].undrawn.push(upload);
    for (const [name, { element }] of Object.entries(this.#lists)) {
      if (element.childElementCount < CHUNK) this.#drawNext(name);
    }
  }

  update(upload) {
    if (!this.#changed.size) requestAnimationFrame(() => this.#drawChanged());
    this.#changed.add(upload);
  }

  remove(upload) {
    this.get(upload)?.remove();
    this.#rows.delete(upload);
    for (const { undrawn } of Object.values(this.#lists)) removeFrom(undrawn, upload);
  }

  #observe(name, element) {
    const end = element.nextElementSibling;
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#drawNext(name)).observe(end);
    return { element, end, undrawn: [] };
  }

  #drawNext(name) {
    const { element, end, undrawn } = this.#lists[name];
    element.append(...undrawn.splice(0, CHUNK).map((upload) => this.#create(upload)));
    end.hidden = !undrawn.length;
  }

  #create(upload) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.upload = upload;
    this.#rows.set(upload, row);
    row.querySelector("[data-name]").textContent = visibleName(upload.name);
    for (const button of row.querySelectorAll("button")) button.querySelector(".sr-only").append(` ${visibleName(upload.name)}`);
    this.#thumbnails.show(upload, row.querySelector("[data-thumbnail]"));
    this.#fill(upload, row);
    return row;
  }

  #drawChanged() {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const upload of changed) {
      const row = this.get(upload) ?? this.#createProblem(upload);
      if (!row) continue;
      const { element } = this.#lists[listOf(upload)];
      if (row.parentElement !== element) insertInOrder(row, element);
      this.#fill(upload, row);
    }
  }

  // A problem gets its row at once, however far down its file is.
  #createProblem(upload) {
    return upload.needsAttention && removeFrom(this.#lists.others.undrawn, upload) ? this.#create(upload) : null;
  }

  #fill(upload, row) {
    const { asset, progress, state } = upload;
    setText(row.querySelector("[data-status-text]"), describeStatus(upload));
    setText(row.querySelector("[data-note]"), upload.note);
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

// Returns whether it was there.
function removeFrom(uploads, upload) {
  const index = uploads.indexOf(upload);
  if (index >= 0) uploads.splice(index, 1);
  return index >= 0;
}

// Moving an element takes the focus from it.
function insertInOrder(row, list) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const next = [...list.children].find((other) => other.upload.id > row.upload.id);
  list.insertBefore(row, next ?? null);
  focused?.focus();
}

function showActions(upload, row) {
  const copy = row.querySelector("[data-row-copy]");
  const url = upload.asset?.url;
  copy.hidden = !url;
  if (url) copy.dataset.copy = url;
  row.querySelector("[data-row-cancel]").hidden = !upload.canCancel;
  row.querySelector("[data-row-retry]").hidden = !upload.canRetry;
  row.querySelector("[data-row-edit]").hidden = !upload.canEdit;
  row.querySelector("[data-row-remove]").hidden = upload.isBusy || upload.isPending;
}
