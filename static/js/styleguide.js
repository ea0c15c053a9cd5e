// What of the style guide is made by scripts: the upload tray with a row in each state, and the line at the bottom.

import { toast } from "./toast.js";
import { Batch, Entry } from "./upload/upload.js";
import { Rows, Thumbs } from "./upload/rows.js";

const AT_SEGMIND = { page: "#guide-tray", media_type: "image/png", error: "", url: null, link_status: "unchecked" };
const URL_AT_SEGMIND = "https://images.segmind.com/assets/made-up";

const ROWS = [
  { state: "refused", error: "The file is empty (0 bytes)." },
  { state: "failed", error: "The server could not keep the file: its disk is full.", file: new File(["x"], "x") },
  { state: "lost", error: "Not uploaded: the page was left before it was sent. Add the file again." },
  { state: "received", asset: { ...AT_SEGMIND, state: "failed", error: "Segmind refused the file: unsupported." } },
  { state: "held" },
  { state: "new" },
  { state: "hashing", hashed: 0.4 },
  { state: "asking" },
  { state: "twin", twin: { name: "harbour.jpg" } },
  { state: "queued" },
  { state: "sending", progress: 0.6, speed: 2_400_000 },
  { state: "checking", progress: 1 },
  { state: "received", asset: { ...AT_SEGMIND, state: "queued" } },
  { state: "received", asset: { ...AT_SEGMIND, state: "sending" } },
  { state: "received", asset: { ...AT_SEGMIND, state: "stored", url: URL_AT_SEGMIND } },
  {
    state: "received",
    note: "Known already: it is not sent again.",
    asset: { ...AT_SEGMIND, state: "stored", url: URL_AT_SEGMIND, link_status: "verified" },
  },
  { state: "cancelled" },
];

async function showTray(place) {
  const { uploadTray } = document.querySelector("[data-upload-tray]").dataset;
  const parts = document.createElement("template");
  parts.innerHTML = await (await fetch(uploadTray)).text();
  const tray = parts.content.querySelector("[data-tray]");
  const list = (name) => tray.querySelector(`[data-list=${name}]`);
  const rows = new Rows({
    template: tray.querySelector("[data-row]"),
    lists: { problems: list("problems"), others: list("others") },
    thumbs: new Thumbs(tray.querySelector("[data-icons]").content),
  });
  const batch = new Batch({ visibility: "team", isHeld: false });
  rows.add(ROWS.map((row) => new Entry({ name: `${row.asset?.state ?? row.state}.png`, size: 12_300_000, batch, ...row })));
  tray.querySelector("[data-problems]").hidden = false;
  tray.querySelector("[data-problems-title]").textContent = "4 files need a look";
  tray.querySelector("[data-overall]").value = 0.6;
  place.append(tray);
}

showTray(document.querySelector("[data-guide-tray]"));
document.querySelector("[data-guide-toast]").addEventListener("click", () => toast("URL copied"));
