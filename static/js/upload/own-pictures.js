// Until the server has made a preview, the card of a file shows the picture that the browser has. It lies below the
// preview and goes once that is loaded, so that nothing flashes.

const MAX_PICTURES = 60;
const PREVIEW = "img[src*='/preview/']";
const pictures = new Map();
const observer = new MutationObserver(placeAll);

// For a file that was just received and that the browser can show.
export async function showOwnPicture({ file, asset: { id, preview, media_type: type } }) {
  if (preview || !type.startsWith("image/") || pictures.size >= MAX_PICTURES) return;
  // With an id of its own, no refresh turns it into the preview.
  const own = { id: `own-${id}`, className: "own-picture", alt: "", src: URL.createObjectURL(file) };
  const image = Object.assign(new Image(), own);
  pictures.set(id, image);
  // Other formats keep what the server shows.
  await image.decode().catch(() => forget(id));
  observe();
  placeAll();
}

addEventListener("page:swapped", observe);

function observe() {
  observer.disconnect();
  if (pictures.size) observer.observe(document.querySelector("main"), { childList: true, subtree: true });
}

// Before the browser paints what has changed.
function placeAll() {
  for (const [id, image] of pictures) {
    const box = document.getElementById(`card-${id}`)?.querySelector(".card-picture, .row-picture");
    if (!box) continue;
    place(image, box);
    const preview = box.querySelector(PREVIEW);
    if (preview) giveWay(id, preview);
  }
}

// Above what stands in for the preview, below the preview and what is written on it.
function place(image, box) {
  const standIn = box.querySelector(".placeholder");
  if (image.parentElement === box && image.previousElementSibling === standIn) return;
  if (standIn) standIn.after(image);
  else box.prepend(image);
}

async function giveWay(id, preview) {
  preview.loading = "eager";
  await preview.decode().catch(() => {});
  // Of a preview that was replaced meanwhile, the next one tells.
  if (preview.isConnected) forget(id);
}

function forget(id) {
  const image = pictures.get(id);
  if (!image) return;
  pictures.delete(id);
  image.remove();
  URL.revokeObjectURL(image.src);
  observe();
}
