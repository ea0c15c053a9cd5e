// Files that were added together, and the metadata that is given for all of them.

import { shorten } from "./shorten.js";

// With a number behind it, no title is longer than the server takes.
const MAX_TITLE = 190;

export class Batch {
  title = "";
  tags = "";
  description = "";
  // Whether folders become collections.
  folders = true;
  uploads = [];
  // Whether something was said about these files after they had been added.
  isEdited = false;

  // `collection`: of the page where the files were added, if any. `details`: what was said before.
  constructor({ visibility = "team", collection = "", details = {} } = {}) {
    Object.assign(this, { visibility, collection, ...details, place: collection });
  }

  get isBusy() {
    return this.uploads.some((upload) => upload.isBusy || upload.isPending);
  }

  // Whether files that are added like this belong to it.
  fits({ visibility, collection = "" }) {
    return this.isBusy && this.place === collection && [undefined, this.visibility].includes(visibility);
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
