// Waits on every page for files that are dropped, pasted or chosen in a [data-upload-choose], and only then loads the upload tray. The tray is also
// loaded where the page before has left something in it.

import { toast } from "../toast.js";

const KEPT = "upload-tray";
let loading;
let isOwnDrag = false;

// The tray, opened with the first use.
export function tray() {
  const { uploadTray } = document.querySelector("[data-upload-tray]").dataset;
  return (loading ??= import("./tray.js")
    .then((module) => module.open(uploadTray, KEPT))
    .catch((error) => {
      loading = undefined;
      toast("The server cannot be reached. Nothing was uploaded; try again.");
      throw error;
    }));
}

function brings(event) {
  return !isOwnDrag && event.dataTransfer?.types.includes("Files");
}

// Entries can only be had while the event lasts.
function taken(transfer) {
  return Array.from(transfer.items)
    .filter((item) => item.kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
}

// A picture of the page itself that is being dragged is no file to upload.
addEventListener("dragstart", () => (isOwnDrag = true));
addEventListener("dragend", () => (isOwnDrag = false));

addEventListener("dragenter", async (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  (await tray()).hover(true);
});

addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});

addEventListener("dragleave", async (event) => {
  if (brings(event) && !event.relatedTarget) (await tray()).hover(false);
});

addEventListener("drop", async (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  const found = taken(event.dataTransfer);
  const visibility = event.target.closest?.("[data-drop]")?.dataset.drop;
  const opened = await tray();
  opened.hover(false);
  opened.add(found, { visibility });
});

addEventListener("paste", async (event) => {
  const { items, types } = event.clipboardData;
  const isTyping = event.target.closest?.("input, textarea, [contenteditable]");
  if (!types.includes("Files") || (isTyping && types.includes("text/plain"))) return;
  event.preventDefault();
  const found = taken({ items });
  (await tray()).add(found, { pasted: true });
});

addEventListener("change", async ({ target }) => {
  if (!target.matches?.("[data-upload-choose]") || !target.files.length) return;
  const found = Array.from(target.files, (file) => ({ file }));
  target.value = "";
  (await tray()).add(found);
});

try {
  if (sessionStorage.getItem(KEPT)) tray();
} catch {
  // A browser that keeps nothing has nothing to show.
}
