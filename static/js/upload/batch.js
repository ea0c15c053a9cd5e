// Files that were added together, and the metadata that is given for all of them.

import { shorten } from "./shorten.js";

// With a number behind it, no title is longer than the server takes.
const MAX_TITLE = 190;

export class Batch {
  title = "";
  tags = "";
  collection = "";
  description = "";
  // Whether folders become collections.
  folders = true;
  uploads = [];

  // `isHeld`: nothing is sent before the form of the upload page is submitted.
  constructor({ visibility, isHeld }) {
    this.visibility = visibility;
    this.isHeld = isHeld;
  }

  get isBusy() {
    return this.isHeld || this.uploads.some((upload) => upload.isBusy || upload.isPending);
  }

  titleOf(upload) {
    if (!this.title || this.uploads.length === 1) return this.title;
    return `${shorten(this.title, MAX_TITLE)} ${upload.position}`;
  }

  collectionOf(upload) {
    // Commas separate collections, so a folder's name must not bring any.
    const folder = this.folders ? upload.folder.replaceAll(/[,\uff0c\u3001\uff64\u060c\s]+/gu, " ") : "";
    return [this.collection, folder].filter(Boolean).join("/");
  }
}
