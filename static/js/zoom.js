// Zooms the image in [data-zoom] by click, wheel, pinch, buttons and keys, and moves it by dragging.
// Without this script, the link around it opens the original.

import { isTyping } from "./keys.js";

const MAX_SCALE = 16;
const STEP = 1.5;
const MIN_DRAG = 4; // pixels; less is a click

const views = new WeakMap();
const findFrame = () => document.querySelector("[data-zoom]");
const imageOf = (frame) => frame.querySelector("img:not([data-zoom-preview])");

function viewOf(frame) {
  if (!views.has(frame)) views.set(frame, { scale: 1, x: 0, y: 0, pointers: new Map(), wasDragged: false });
  return views.get(frame);
}

// The scale that shows the pixels of the image one to one, or a small image at twice its size.
function naturalScale(frame) {
  const { naturalWidth, offsetWidth } = imageOf(frame);
  return Math.max(2, naturalWidth / Math.max(1, offsetWidth));
}

// Keeps the edges of a larger image outside of the frame.
function limitOffset(frame) {
  const view = viewOf(frame);
  const image = imageOf(frame);
  for (const [axis, size, space] of [
    ["x", image.offsetWidth, frame.clientWidth],
    ["y", image.offsetHeight, frame.clientHeight],
  ]) {
    const max = Math.max(0, (size * view.scale - space) / 2);
    view[axis] = Math.min(max, Math.max(-max, view[axis]));
  }
}

function draw(frame) {
  limitOffset(frame);
  const { scale, x, y } = viewOf(frame);
  const isFit = scale === 1;
  for (const image of frame.querySelectorAll("img")) {
    image.style.transform = isFit ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
  }
  frame.toggleAttribute("data-zoomed", !isFit);
  frame.setAttribute("aria-pressed", !isFit);
  const label = frame.parentElement.querySelector("[data-zoom-percent]");
  if (label) label.textContent = isFit ? "Fit" : formatPercent(imageOf(frame), scale);
}

function formatPercent({ offsetWidth, naturalWidth }, scale) {
  return `${Math.round((100 * scale * offsetWidth) / (naturalWidth || offsetWidth))}%`;
}

// `point`: {x, y} in the window; what is there stays there.
function zoomTo(frame, scale, point) {
  const view = viewOf(frame);
  const newScale = Math.min(MAX_SCALE, Math.max(1, scale));
  const box = frame.getBoundingClientRect();
  const [x, y] = point ? [point.x - box.left - box.width / 2, point.y - box.top - box.height / 2] : [0, 0];
  view.x = x - ((x - view.x) * newScale) / view.scale;
  view.y = y - ((y - view.y) * newScale) / view.scale;
  view.scale = newScale;
  draw(frame);
}

// No steps at all show the whole image.
function zoomBy(frame, steps, point) {
  zoomTo(frame, steps ? viewOf(frame).scale * STEP ** steps : 1, point);
}

function moveBy(frame, x, y) {
  viewOf(frame).x += x;
  viewOf(frame).y += y;
  draw(frame);
}

// --- Pointers: one drags, two pinch ---

const middleOf = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const distanceOf = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
const copyPointers = ({ pointers }) => Array.from(pointers.values(), (pointer) => ({ ...pointer }));

function pinch(frame, before, after) {
  const view = viewOf(frame);
  const [from, to] = [middleOf(before), middleOf(after)];
  view.x += to.x - from.x;
  view.y += to.y - from.y;
  zoomTo(frame, (view.scale * distanceOf(after)) / Math.max(1, distanceOf(before)), to);
}

document.addEventListener("pointerdown", (event) => {
  const frame = event.target.closest("[data-zoom]");
  if (!frame || event.button) return;
  const view = viewOf(frame);
  if (!view.pointers.size) view.wasDragged = false;
  const { clientX: x, clientY: y } = event;
  view.pointers.set(event.pointerId, { x, y, startX: x, startY: y });
});

document.addEventListener("pointermove", (event) => {
  const frame = findFrame();
  const view = frame && viewOf(frame);
  const pointer = view?.pointers.get(event.pointerId);
  if (!pointer) return;
  const before = copyPointers(view);
  [pointer.x, pointer.y] = [event.clientX, event.clientY];
  const after = copyPointers(view);
  const distance = Math.hypot(pointer.x - pointer.startX, pointer.y - pointer.startY);
  if (distance > MIN_DRAG || after.length > 1) view.wasDragged = true;
  if (after.length === 2) pinch(frame, before, after);
  else if (after.length === 1 && view.scale > 1 && view.wasDragged) {
    moveBy(frame, after[0].x - before[0].x, after[0].y - before[0].y);
  }
});

for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, (event) => {
    if (findFrame()) viewOf(findFrame()).pointers.delete(event.pointerId);
  });
}

// Otherwise the browser would zoom the page with two fingers, and scroll it with the one that drags the image.
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

function clickImage(event, frame) {
  // With a modifier, the link opens the original in another tab.
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // Neither the end of a drag nor the second half of a double click.
  if (viewOf(frame).wasDragged || event.detail > 1) return;
  const point = event.detail ? { x: event.clientX, y: event.clientY } : null;
  zoomTo(frame, viewOf(frame).scale > 1 ? 1 : naturalScale(frame), point);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom-by]");
  const frame = event.target.closest("[data-zoom]");
  if (button && findFrame()) zoomBy(findFrame(), Number(button.dataset.zoomBy));
  else if (frame) clickImage(event, frame);
});

document.addEventListener(
  "wheel",
  (event) => {
    const frame = event.target.closest("[data-zoom]");
    if (!frame) return;
    // The page scrolls where it can, unless the image is zoomed already or Ctrl is held.
    const isZoomed = viewOf(frame).scale > 1;
    const cannotScroll = event.deltaY < 0 && window.scrollY === 0;
    if (!isZoomed && !cannotScroll && !event.ctrlKey && !frame.closest("dialog")) return;
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    zoomBy(frame, Math.max(-1, Math.min(1, -pixels / 150)), { x: event.clientX, y: event.clientY });
  },
  { passive: false },
);

// --- Keys ---

const DIRECTIONS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEPS = { "+": 1, "=": 1, "-": -1, 0: 0, Escape: 0 };

function press(frame, { key }) {
  const isZoomed = viewOf(frame).scale > 1;
  const isFocused = document.activeElement === frame;
  if (key === " " && isFocused) frame.click();
  else if (key in STEPS && (isZoomed || key !== "Escape")) zoomBy(frame, STEPS[key]);
  else if (key in DIRECTIONS && isZoomed && (isFocused || document.activeElement === document.body)) {
    const [x, y] = DIRECTIONS[key];
    moveBy(frame, (x * frame.clientWidth) / 5, (y * frame.clientHeight) / 5);
  } else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const frame = findFrame();
  if (frame && !isTyping(event) && press(frame, event)) event.preventDefault();
});

// --- Names for screen readers, and the preview that is shown while the image loads ---

export function prepare() {
  const frame = findFrame();
  if (!frame || frame.hasAttribute("role")) return;
  const image = imageOf(frame);
  frame.setAttribute("role", "button");
  frame.setAttribute("aria-pressed", "false");
  frame.setAttribute("aria-label", `Zoom: ${image.alt}`);
  const removePreview = () => frame.querySelector("[data-zoom-preview]")?.remove();
  if (image.complete) removePreview();
  else image.addEventListener("load", removePreview, { once: true });
}

prepare();
document.addEventListener("htmx:load", prepare);
window.addEventListener("resize", () => findFrame() && draw(findFrame()));
