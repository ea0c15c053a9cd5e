// Shows what a file looks like, from the file itself before any of it is sent, or else an icon of its kind.

const MAX_IMAGE_BYTES = 60_000_000;
const FRAME_HEIGHT = 88; // pixels

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

// One frame of it: the video itself would keep a decoder busy.
function showVideo(file, element) {
  const video = Object.assign(document.createElement("video"), { muted: true, preload: "auto" });
  const url = URL.createObjectURL(file);
  video.addEventListener("loadeddata", () => (video.currentTime = 0.1), { once: true });
  video.addEventListener("seeked", () => element.replaceChildren(frameOf(video)), { once: true });
  for (const end of ["seeked", "error"]) video.addEventListener(end, () => URL.revokeObjectURL(url), { once: true });
  video.src = url;
}

function frameOf(video) {
  const scale = FRAME_HEIGHT / video.videoHeight;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth * scale, FRAME_HEIGHT];
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}
