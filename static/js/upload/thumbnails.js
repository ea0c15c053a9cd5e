// Shows what a file looks like, from the file itself before any of it is sent, or else an icon of its kind.

const MAX_IMAGE_BYTES = 60_000_000;

export class Thumbnails {
  #icons;

  // `icons`: an element with a [data-icon] for each kind of file.
  constructor(icons) {
    this.#icons = icons;
  }

  show(upload, element) {
    const { file, asset, size } = upload;
    const type = file?.type ?? asset?.media_type ?? "";
    const kind = ["image", "video", "audio"].find((name) => type.startsWith(`${name}/`)) ?? "other";
    element.replaceChildren(this.#icons.querySelector(`[data-icon="${kind}"]`).firstElementChild.cloneNode(true));
    if (file && kind === "image" && size < MAX_IMAGE_BYTES) showImage(file, element);
    if (file && kind === "video") showVideo(file, element);
  }

  // Shows the server's preview where the browser no longer has the file.
  update({ file, asset }, element) {
    if (file || !asset?.preview || element.querySelector("img")) return;
    element.replaceChildren(Object.assign(new Image(), { alt: "", src: asset.preview }));
  }
}

// Where the browser cannot show a format, the icon stays.
function showImage(file, element) {
  const image = Object.assign(new Image(), { alt: "", decoding: "async" });
  const url = URL.createObjectURL(file);
  image.addEventListener("load", () => {
    element.replaceChildren(image);
    URL.revokeObjectURL(url);
  });
  image.addEventListener("error", () => URL.revokeObjectURL(url));
  image.src = url;
}

function showVideo(file, element) {
  const video = Object.assign(document.createElement("video"), { muted: true, preload: "metadata", tabIndex: -1 });
  const url = URL.createObjectURL(file);
  video.addEventListener("loadeddata", () => element.replaceChildren(video), { once: true });
  video.addEventListener("error", () => URL.revokeObjectURL(url), { once: true });
  video.src = `${url}#t=0.1`;
}
