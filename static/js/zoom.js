// A picture in [data-zoom] becomes larger and smaller: by click, wheel, pinch, buttons and keys; dragging moves it.
// Without this script the link around it leads to the original.

import { typing } from "./keys.js";

const MOST = 16;
const STEP = 1.5;
const DRAGGED = 4; // pixels after which a press is no click

const views = new WeakMap();

function viewOf(frame) {
  if (!views.has(frame)) views.set(frame, { scale: 1, x: 0, y: 0, pressed: new Map(), wasDragged: false });
  return views.get(frame);
}

const shown = () => document.querySelector("[data-zoom]");
const picture = (frame) => frame.querySelector("img:not([data-zoom-preview])");

/** The scale at which one pixel of the picture is one of the screen, or twice its size where it is small. */
function natural(frame) {
  const { naturalWidth, offsetWidth } = picture(frame);
  return Math.max(2, naturalWidth / Math.max(1, offsetWidth));
}

function draw(frame) {
  const view = viewOf(frame);
  const image = picture(frame);
  // The picture stays in its frame: where it is larger, no edge comes inside.
  for (const [axis, size, room] of [
    ["x", image.offsetWidth, frame.clientWidth],
    ["y", image.offsetHeight, frame.clientHeight],
  ]) {
    const most = Math.max(0, (size * view.scale - room) / 2);
    view[axis] = Math.min(most, Math.max(-most, view[axis]));
  }
  const isWhole = view.scale === 1;
  for (const img of frame.querySelectorAll("img")) {
    img.style.transform = isWhole ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  }
  frame.toggleAttribute("data-zoomed", !isWhole);
  frame.setAttribute("aria-pressed", !isWhole);
  const words = frame.parentElement.querySelector("[data-zoom-percent]");
  const percent = (100 * view.scale * image.offsetWidth) / (image.naturalWidth || image.offsetWidth);
  if (words) words.textContent = isWhole ? "Fit" : `${Math.round(percent)} %`;
}

/** Sets the scale; the point of the picture under `at` (of the window) stays where it is. */
function zoomTo(frame, scale, at) {
  const view = viewOf(frame);
  const next = Math.min(MOST, Math.max(1, scale));
  const box = frame.getBoundingClientRect();
  const [x, y] = at ? [at.x - box.left - box.width / 2, at.y - box.top - box.height / 2] : [0, 0];
  view.x = x - ((x - view.x) * next) / view.scale;
  view.y = y - ((y - view.y) * next) / view.scale;
  view.scale = next;
  draw(frame);
}

const zoomBy = (frame, steps, at) => zoomTo(frame, steps ? viewOf(frame).scale * STEP ** steps : 1, at);

// --- Pointers: one drags, two pinch ---

const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const distance = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);

document.addEventListener("pointerdown", (event) => {
  const frame = event.target.closest("[data-zoom]");
  if (!frame || event.button) return;
  const view = viewOf(frame);
  if (!view.pressed.size) view.wasDragged = false;
  view.pressed.set(event.pointerId, { x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY });
});

document.addEventListener("pointermove", (event) => {
  const frame = shown();
  const view = frame && viewOf(frame);
  const pointer = view?.pressed.get(event.pointerId);
  if (!pointer) return;
  const before = Array.from(view.pressed.values(), (point) => ({ ...point }));
  [pointer.x, pointer.y] = [event.clientX, event.clientY];
  const after = Array.from(view.pressed.values());
  if (Math.hypot(pointer.x - pointer.fromX, pointer.y - pointer.fromY) > DRAGGED || after.length > 1) view.wasDragged = true;
  if (after.length === 2) {
    const [was, is] = [middle(before), middle(after)];
    view.x += is.x - was.x;
    view.y += is.y - was.y;
    zoomTo(frame, (view.scale * distance(after)) / Math.max(1, distance(before)), is);
  } else if (after.length === 1 && view.scale > 1 && view.wasDragged) {
    view.x += after[0].x - before[0].x;
    view.y += after[0].y - before[0].y;
    draw(frame);
  }
});

for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, (event) => {
    if (shown()) viewOf(shown()).pressed.delete(event.pointerId);
  });
}

// The browser would take two fingers for its own zoom, and one that drags the picture for scrolling.
document.addEventListener(
  "touchmove",
  (event) => {
    const frame = event.target.closest("[data-zoom]");
    if (frame && (event.touches.length > 1 || viewOf(frame).scale > 1)) event.preventDefault();
  },
  { passive: false },
);

document.addEventListener("dragstart", (event) => {
  if (event.target.closest("[data-zoom]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-zoom-by]");
  if (tool && shown()) return zoomBy(shown(), Number(tool.dataset.zoomBy));
  const frame = event.target.closest("[data-zoom]");
  // With a key held the link is a link: the original in another tab.
  if (!frame || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // The second click of two belongs to the first.
  if (viewOf(frame).wasDragged || event.detail > 1) return;
  const at = event.detail ? { x: event.clientX, y: event.clientY } : null;
  zoomTo(frame, viewOf(frame).scale > 1 ? 1 : natural(frame), at);
});

document.addEventListener(
  "wheel",
  (event) => {
    const frame = event.target.closest("[data-zoom]");
    if (!frame) return;
    // Where the page can scroll that way it does, unless the picture is larger than its frame or a key is held.
    const isLarger = viewOf(frame).scale > 1;
    const isFree = event.deltaY < 0 && window.scrollY === 0;
    if (!isLarger && !isFree && !event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    zoomBy(frame, Math.max(-1, Math.min(1, -lines / 150)), { x: event.clientX, y: event.clientY });
  },
  { passive: false },
);

// --- Keys ---

const MOVES = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEPS = { "+": 1, "=": 1, "-": -1, 0: 0, Escape: 0 };

document.addEventListener("keydown", (event) => {
  const frame = shown();
  if (!frame || typing(event)) return;
  const isLarger = viewOf(frame).scale > 1;
  if (event.key === " " && document.activeElement === frame) {
    event.preventDefault();
    frame.click();
  } else if (event.key in STEPS && (isLarger || event.key !== "Escape")) {
    event.preventDefault();
    zoomBy(frame, STEPS[event.key]);
  } else if (event.key in MOVES && isLarger && (document.activeElement === frame || document.activeElement === document.body)) {
    event.preventDefault();
    const [x, y] = MOVES[event.key];
    viewOf(frame).x += (x * frame.clientWidth) / 5;
    viewOf(frame).y += (y * frame.clientHeight) / 5;
    draw(frame);
  }
});

// --- What the picture is for those who do not see it, and its preview while it loads ---

function prepare() {
  const frame = shown();
  if (!frame || frame.hasAttribute("role")) return;
  frame.setAttribute("role", "button");
  frame.setAttribute("aria-pressed", "false");
  frame.setAttribute("aria-label", `Zoom: ${picture(frame).alt}`);
  const done = () => frame.querySelector("[data-zoom-preview]")?.remove();
  if (picture(frame).complete) done();
  else picture(frame).addEventListener("load", done, { once: true });
}

prepare();
document.addEventListener("htmx:load", prepare);
window.addEventListener("resize", () => shown() && draw(shown()));
