// Shows on the style guide what only scripts can: the upload tray with a row in each state, and a toast.

import { toast } from "./toast.js";
import { Batch } from "./upload/batch.js";
import { Rows } from "./upload/rows.js";
import { Thumbnails } from "./upload/thumbnails.js";
import { Upload } from "./upload/upload.js";

const ASSET = { page: "#guide-tray", media_type: "image/png", error: "", url: null, link_status: "unchecked" };
const URL_AT_SEGMIND = "https://images.segmind.com/assets/made-up";

const EXAMPLES = [
  { state: "refused", error: "The file is empty (0 bytes)." },
  { state: "failed", error: "The server’s disk is full.", file: new File(["x"], "x") },
  { state: "interrupted", error: "Not uploaded: the page was closed. Add the file again." },
  { state: "received", asset: { ...ASSET, state: "failed", error: "Segmind refused the file: unsupported." } },
  { state: "new" },
  { state: "hashing", hashed: 0.4 },
  { state: "checking" },
  { state: "duplicate", original: { name: "harbour.jpg" } },
  { state: "queued" },
  { state: "sending", progress: 0.6, speed: 2_400_000 },
  { state: "processing", progress: 1 },
  { state: "received", asset: { ...ASSET, state: "queued" } },
  { state: "received", asset: { ...ASSET, state: "sending" } },
  { state: "received", asset: { ...ASSET, state: "stored", url: URL_AT_SEGMIND } },
  {
    state: "received",
    note: "Already in the library. It isn’t sent again.",
    asset: { ...ASSET, state: "stored", url: URL_AT_SEGMIND, link_status: "verified" },
  },
  { state: "cancelled" },
];

async function fetchTray() {
  const { uploadTray } = document.querySelector("[data-upload-tray]").dataset;
  const template = document.createElement("template");
  template.innerHTML = await (await fetch(uploadTray)).text();
  return template.content.querySelector("[data-tray]");
}

async function showTray(place) {
  const tray = await fetchTray();
  const list = (name) => tray.querySelector(`[data-list=${name}]`);
  const rows = new Rows({
    template: tray.querySelector("[data-row]"),
    lists: { problems: list("problems"), others: list("others") },
    scroller: tray.querySelector("[data-scroller]"),
    thumbnails: new Thumbnails(tray.querySelector("[data-icons]").content),
  });
  const batch = new Batch();
  const nameOf = ({ asset, state }) => `${asset?.state ?? state}.png`;
  rows.add(EXAMPLES.map((example) => new Upload({ name: nameOf(example), size: 12_300_000, batch, ...example })));
  tray.querySelector("[data-problems]").hidden = false;
  tray.querySelector("[data-problems-title]").textContent = "4 files need attention";
  tray.querySelector("[data-overall]").value = 0.6;
  place.append(tray);
}

showTray(document.querySelector("[data-guide-tray]"));
document.querySelector("[data-guide-toast]").addEventListener("click", () => toast("URL copied"));
