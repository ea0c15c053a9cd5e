// Widths of the columns of the list, by dragging their right edges or with the arrow keys, and kept for the person.

import { request } from "./request.js";
import { toastError } from "./toast.js";

const [MIN_WIDTH, MAX_WIDTH, STEP] = [48, 600, 16];
// In milliseconds after the last step of a key.
const PAUSE = 600;
const MIN_TITLE = 160;
let timer;

const findTable = () => document.querySelector("#results .rows[data-columns]");
const findHeads = (table) => [...table.querySelectorAll("th[data-column]")].filter((head) => head.offsetWidth);
const columnOf = (head) => head.closest("table").querySelectorAll("col")[head.cellIndex];

function addEdges() {
  const table = findTable();
  if (!table || table.querySelector(".row-edge")) return;
  for (const head of table.querySelectorAll("th[data-column]")) head.append(makeEdge(head));
  fit(table);
}

function makeEdge(head) {
  const edge = Object.assign(document.createElement("span"), { className: "row-edge", role: "separator", tabIndex: 0 });
  edge.ariaLabel = `Width of ${head.textContent.trim()}`;
  edge.ariaOrientation = "vertical";
  edge.ariaValueNow = head.offsetWidth;
  return edge;
}

// The others stay as they are; the title has what remains.
function fixWidths(table) {
  const widths = findHeads(table).map((head) => [columnOf(head), head.offsetWidth]);
  for (const [column, width] of widths) column.width = width;
  table.classList.add("rows-sized");
}

// Chosen on a larger screen, widths could leave nothing for the title.
function fit(table) {
  const title = table.querySelector("th.row-title");
  const lack = MIN_TITLE - title.offsetWidth;
  if (!table.matches(".rows-sized") || lack <= 0) return;
  const heads = findHeads(table);
  const total = heads.reduce((sum, head) => sum + head.offsetWidth, 0);
  const widths = heads.map((head) => Math.max(MIN_WIDTH, Math.floor(head.offsetWidth * (1 - lack / total))));
  heads.forEach((head, at) => (columnOf(head).width = widths[at]));
}

function resize(head, width) {
  const table = head.closest("table");
  const room = head.offsetWidth + table.querySelector("th.row-title").offsetWidth - MIN_TITLE;
  const allowed = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, room, Math.round(width)));
  columnOf(head).width = allowed;
  head.querySelector(".row-edge").ariaValueNow = allowed;
}

function save(table) {
  const choice = new FormData();
  const shown = [...table.querySelectorAll("th[data-column]")];
  for (const head of shown) choice.append("column", [head.dataset.column, columnOf(head).width].filter(Boolean).join(":"));
  const options = { method: "POST", body: choice, headers: { accept: "application/json" } };
  request(table.dataset.columns, options).catch(toastError);
}

document.addEventListener("pointerdown", (event) => {
  const edge = event.target.closest?.(".row-edge");
  if (!edge || event.button) return;
  event.preventDefault();
  const head = edge.parentElement;
  const table = head.closest("table");
  fixWidths(table);
  const [start, width] = [event.clientX, head.offsetWidth];
  const move = ({ clientX }) => resize(head, width + clientX - start);
  const end = () => {
    edge.removeEventListener("pointermove", move);
    save(table);
  };
  edge.setPointerCapture(event.pointerId);
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", end, { once: true });
});

// Before the keys of the library.
document.addEventListener(
  "keydown",
  (event) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    const head = event.target.closest?.(".row-edge")?.parentElement;
    if (!step || !head) return;
    event.preventDefault();
    event.stopPropagation();
    const table = head.closest("table");
    fixWidths(table);
    resize(head, head.offsetWidth + step);
    clearTimeout(timer);
    timer = setTimeout(() => save(table), PAUSE);
  },
  { capture: true },
);

for (const change of ["cards:replaced", "page:swapped"]) addEventListener(change, addEdges);
document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "results" && addEdges());
addEventListener("resize", () => findTable() && fit(findTable()));
addEdges();
