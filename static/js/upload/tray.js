// The upload tray: opened with the first file, on whatever page. Brings the queue, its rows and its forms together.

import { explain, requestOk } from "../request.js";
import { toast } from "../toast.js";
import "./new-cards.js";
import { Batch } from "./batch.js";
import { BatchForm } from "./batch-form.js";
import { readItems } from "./dropped-files.js";
import { DropZones } from "./drop-zones.js";
import { toggleFileForm } from "./file-form.js";
import { formatCount } from "./format.js";
import { Hasher } from "./hash.js";
import { loadStyle } from "./load-style.js";
import { Navigation } from "./navigation.js";
import { showOwnPicture } from "./own-pictures.js";
import { Panel } from "./panel.js";
import { Queue } from "./queue.js";
import { Rows } from "./rows.js";
import { SavedTray } from "./saved-tray.js";
import { Server } from "./server.js";
import { StatusPoller } from "./status-poller.js";
import { Summary } from "./summary.js";
import { Thumbnails } from "./thumbnails.js";
import { FORMATS } from "./url-formats.js";

const SKIPPED = {
  hidden: (count) => `${formatCount(count, "hidden file")} skipped`,
  empty: (count) => `${formatCount(count, "empty folder")} skipped`,
  unreadable: (count) => `${formatCount(count, "unreadable item")} skipped`,
};
const MAX_NAMES = 3;

// The tray of this page, from its HTML at `url`. `storageKey`: where one page leaves it to the next.
export async function loadTray(url, storageKey) {
  const response = await requestOk(url);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const element = template.content.querySelector("[data-tray]");
  // Sent to the sign-in page.
  if (!element) throw explain(401);
  const dropZones = template.content.querySelector("[data-drop-zones]");
  await Promise.all([element, dropZones].map(({ dataset }) => loadStyle(dataset.stylesUrl)));
  return new Tray(element, new DropZones(dropZones), storageKey);
}

class Tray {
  #element;
  #dropZones;
  #queue;
  #poller;
  #rows;
  #batchForm;
  #summary;
  #panel;
  #saved;
  #batch = null;

  constructor(element, dropZones, storageKey) {
    [this.#element, this.#dropZones] = [element, dropZones];
    const { hashWorkerUrl, person, maxBytes, headBytes } = element.dataset;
    const server = new Server(element.dataset);
    const limits = { maxBytes: Number(maxBytes), headBytes: Number(headBytes) };
    const queue = new Queue({ server, hasher: new Hasher(hashWorkerUrl), limits });
    this.#queue = queue;
    this.#poller = new StatusPoller({ queue, server });
    this.#rows = new Rows({
      template: this.#part("row"),
      lists: { problems: this.#part("list=problems"), others: this.#part("list=others") },
      scroller: this.#part("scroller"),
      thumbnails: new Thumbnails(this.#part("icons").content),
    });
    this.#batchForm = new BatchForm({
      element: this.#part("batch-form"),
      onChange: () => queue.saveMetadata(),
      isSaving: (upload) => queue.isSaving(upload),
    });
    this.#summary = new Summary({ tray: element, queue, poller: this.#poller, batchForm: this.#batchForm });
    this.#panel = new Panel({ element, onFold: () => this.#saved.save() });
    this.#saved = new SavedTray({ key: storageKey, person, queue, isFolded: () => this.#panel.isFolded });
    new Navigation({ queue, onArrival: () => this.#arrive() });
    this.#listen();
    this.#arrive();
    this.#restore();
  }

  showDropZones(isShown) {
    this.#dropZones.toggle(isShown, collectionOfPage());
  }

  // To the button that copies the URLs, once there are any.
  focus() {
    this.#panel.fold(false);
    if (this.#part("copying").hidden) this.#panel.focus();
    else this.#part("copy-all").focus();
  }

  // Adds what was dropped, pasted or selected: [{entry, file}]; `visibility` if that was said.
  add(items, { visibility, isPasted = false } = {}) {
    this.#panel.show();
    this.#panel.fold(false);
    return this.#read(this.#batchFor({ visibility, collection: collectionOfPage() }), items, isPasted);
  }

  // Files on the web, for the server to fetch.
  addUrls(urls) {
    const batch = this.#batchFor({ collection: collectionOfPage() });
    this.#panel.show();
    this.#queue.addUrls(batch, urls);
    this.#batchForm.show(batch);
  }

  #part(name) {
    const [attribute, value] = name.split("=");
    return this.#element.querySelector(value ? `[data-${attribute}="${value}"]` : `[data-${attribute}]`);
  }

  // The present batch where these files fit in, or else a new one.
  #batchFor(wanted) {
    if (!this.#batch?.fits(wanted)) this.#batch = this.#batchForm.createBatch(wanted);
    return this.#batch;
  }

  async #read(batch, items, isPasted) {
    const skipped = new Map();
    const skip = (reason, name) => skipped.set(reason, [...(skipped.get(reason) ?? []), name]);
    for await (const files of readItems(items, { isPasted, skip })) {
      this.#queue.add(batch, files);
      this.#batchForm.show(batch);
    }
    for (const [reason, names] of skipped) this.#noteSkipped(reason, names);
  }

  #noteSkipped(reason, names) {
    const shown = names.slice(0, MAX_NAMES).join(", ");
    const note = document.createElement("li");
    note.textContent = `${SKIPPED[reason](names.length)}: ${shown}${names.length > MAX_NAMES ? " …" : ""}`;
    this.#part("notes").append(note);
    this.#part("notes").hidden = false;
    this.#summary.announce(note.textContent);
  }

  #listen() {
    this.#queue.addEventListener("added", ({ detail: uploads }) => {
      this.#rows.add(uploads);
      this.#summary.announceAdded(uploads.length);
      this.#poller.start();
    });
    this.#queue.addEventListener("changed", ({ detail: upload }) => this.#update(upload));
    this.#queue.addEventListener("removed", ({ detail: upload }) => {
      this.#rows.remove(upload);
      this.#summary.update();
      if (this.#batch?.uploads.length) this.#batchForm.show(this.#batch);
      else this.#batchForm.clear();
    });
    this.#queue.addEventListener("paused", () => this.#summary.update());
    this.#element.addEventListener("click", (event) => this.#click(event));
    this.#part("copy-all").addEventListener("asset:copied", ({ target }) => {
      toast(`${target.dataset.copyLabel} copied`);
    });
    addEventListener("beforeunload", (event) => this.#isUnsaved && event.preventDefault());
  }

  get #isUnsaved() {
    return this.#queue.isBusy || this.#batchForm.isTyping || this.#queue.uploads.some(({ form }) => form?.isTyping);
  }

  #update(upload) {
    this.#rows.update(upload);
    upload.form?.update();
    this.#summary.update(upload);
    if (!upload.isPending || upload.isFollowed) return;
    upload.isFollowed = true;
    if (upload.file) showOwnPicture(upload);
    document.dispatchEvent(new CustomEvent("upload:received", { detail: upload.asset }));
    // The sidebar may have new collections and tags.
    if (upload.asset.tags.length || upload.asset.collections.length) dispatchEvent(new CustomEvent("navigation:changed"));
    this.#poller.start();
  }

  #click({ target }) {
    const button = target.closest("button");
    if (!button) return;
    const { upload } = button.closest(".tray-row") ?? {};
    const actions = {
      fold: () => this.#panel.fold(!this.#panel.isFolded),
      close: () => this.#close(),
      resume: () => this.#queue.resume(),
      "retry-all": () => this.#queue.uploads.forEach((one) => this.#queue.retry(one)),
      "cancel-all": () => this.#queue.uploads.forEach((one) => this.#queue.cancel(one)),
      "copy-all": () => this.#fillCopyButton(button),
      "row-cancel": () => this.#queue.cancel(upload),
      "row-retry": () => this.#queue.retry(upload),
      "row-remove": () => this.#remove(upload),
      "row-edit": () => this.#toggleForm(upload),
    };
    const name = Object.keys(actions).find((key) => button.hasAttribute(`data-${key}`));
    actions[name]?.();
  }

  // Just before it copies.
  #fillCopyButton(button) {
    const { value, selectedOptions: [{ textContent: words }] } = this.#part("copy-format");
    const { stored } = this.#queue;
    button.dataset.copy = FORMATS[value](stored);
    button.dataset.copyLabel = [formatCount(stored.length, "URL"), value === "lines" ? "" : words.trim()].filter(Boolean).join(" ");
  }

  #toggleForm(upload) {
    const [row, template, queue] = [this.#rows.get(upload), this.#part("row-form"), this.#queue];
    toggleFileForm({ upload, row, template, onChange: () => queue.saveMetadata(), isSaving: (one) => queue.isSaving(one) });
  }

  // The focus goes to the row next to the one that goes.
  #remove(upload) {
    const row = this.#rows.get(upload);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    this.#queue.remove(upload);
    const button = next?.querySelector("button:not([hidden])");
    if (button) button.focus();
    else this.#panel.focus();
  }

  #close() {
    if (this.#queue.isBusy) {
      this.#panel.fold();
      return;
    }
    for (const upload of [...this.#queue.uploads]) this.#queue.remove(upload);
    this.#part("notes").replaceChildren();
    this.#part("notes").hidden = true;
    this.#batch = null;
    this.#batchForm.clear();
    this.#panel.hide();
    this.#saved.save();
  }

  // On this page, or on another one that was loaded into it.
  #arrive() {
    this.#panel.place();
    this.#batchForm.arrive();
    if (this.#queue.uploads.length) this.#panel.show();
    else this.#panel.hide();
  }

  #restore() {
    const { uploads, isFolded } = this.#saved.read();
    if (!uploads.length) return;
    this.#queue.restore(new Batch(), uploads);
    this.#panel.show();
    // A page that was navigated to is wanted for itself.
    const [{ type }] = performance.getEntriesByType("navigation");
    this.#panel.fold(isFolded || type !== "reload");
  }
}

// Files that are added on the page of a collection go into it.
function collectionOfPage() {
  return document.querySelector("[data-upload-collection]")?.dataset.uploadCollection;
}
