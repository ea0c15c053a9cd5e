// Files that were added together, and the metadata that is given for all of them.

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
    return `${this.title.slice(0, 190)} ${upload.position}`;
  }

  collectionOf(upload) {
    // Commas separate collections, so a folder's name must not bring any.
    const folder = this.folders ? upload.folder.replaceAll(/[,\uff0c\u3001\uff64\u060c\s]+/gu, " ") : "";
    return [this.collection, folder].filter(Boolean).join("/");
  }
}
