// Waits on every page for files that are dropped, pasted or selected in a [data-upload-input], and only then loads the
// tray. It also loads the tray if the previous page saved one.

import { isTyping } from "../keys.js";
import { toast, toastError } from "../toast.js";

// The host may have another library, below another path.
const STORAGE_KEY = `uploads${document.documentElement.dataset.root.replace(/\/$/, "")}`;
let loading;
let isPageDrag = false;
let enteredLast = null;

// Resolves to null where the server does not give it, and later where it is away; the person is told.
export function openTray() {
  const { uploadTray } = document.querySelector("[data-upload-tray]").dataset;
  return (loading ??= import("./tray.js")
    .then((module) => module.loadTray(uploadTray, STORAGE_KEY))
    .catch((error) => {
      loading = undefined;
      if (!navigator.onLine) return waitForNetwork();
      toastError(error);
      return null;
    }));
}

// What was chosen is kept meanwhile.
function waitForNetwork() {
  toast("You’re offline. The upload starts when you’re online again.", { duration: 8000 });
  return (loading = new Promise((resolve) => {
    addEventListener("online", () => resolve((loading = undefined) ?? openTray()), { once: true });
  }));
}

function hasFiles(event) {
  const types = event.dataTransfer?.types ?? [];
  // Assets of another window are no files either.
  return !isPageDrag && types.includes("Files") && !types.includes("application/x-asset-ids");
}

// Call it during the event: the browser clears the items afterwards.
function readTransfer({ items }) {
  return Array.from(items)
    .filter((item) => item.kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
}

// Dragging an image of the page itself is not an upload.
addEventListener("dragstart", () => (isPageDrag = true));
addEventListener("dragend", () => (isPageDrag = false));

addEventListener("dragenter", async (event) => {
  if (!hasFiles(event)) return;
  enteredLast = event.target;
  event.preventDefault();
  (await openTray())?.showDropZones(true);
});

addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});

// Within the page, the next element is entered before the one before it is left. WebKit tells no `relatedTarget`.
addEventListener("dragleave", async (event) => {
  if (hasFiles(event) && event.target === enteredLast) (await openTray())?.showDropZones(false);
});

addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  const items = readTransfer(event.dataTransfer);
  const visibility = event.target.closest?.("[data-drop]")?.dataset.drop;
  const tray = await openTray();
  tray?.showDropZones(false);
  tray?.add(items, { visibility });
});

addEventListener("paste", async (event) => {
  const { clipboardData, target } = event;
  const isTyping = target.closest?.("input, textarea, [contenteditable]");
  const { types } = clipboardData;
  if (!types.includes("Files") || (isTyping && types.includes("text/plain"))) return;
  event.preventDefault();
  const items = readTransfer(clipboardData);
  (await openTray())?.add(items, { isPasted: true });
});

addEventListener("change", async ({ target }) => {
  if (!target.matches?.("[data-upload-input]") || !target.files.length) return;
  const items = Array.from(target.files, (file) => ({ file }));
  target.value = "";
  (await openTray())?.add(items);
});

addEventListener("keydown", async (event) => {
  if (/^u$/i.test(event.key) && !isTyping(event)) (await import("./key.js")).press(event, openTray);
});

// Installed as an app, the library is in the share menu of a phone.
const share = () => import("./share-target.js");
if (matchMedia("(display-mode: standalone)").matches) share();
addEventListener("appinstalled", share);

try {
  if (sessionStorage.getItem(STORAGE_KEY)) openTray();
} catch {
  // Without session storage, nothing is saved.
}
