// A rectangle drawn from empty space selects the cards that it touches, in place of the others or, with Shift or Ctrl,
// besides them. Near an edge of the window, the page scrolls.

const MIN_DISTANCE = 5;
const EDGE = 48;
const MAX_STEP = 24;

// `event`: the mousedown. `selection`: as selection.js exports it.
export function start(event, { findBoxes, readSelection, setSelection }) {
  const before = readSelection();
  const isAdding = event.shiftKey || event.ctrlKey || event.metaKey;
  const kept = isAdding ? before.ids : [];
  const from = { x: event.pageX, y: event.pageY };
  let [at, band, cards, chosen] = [{ x: event.clientX, y: event.clientY }, null, [], ""];

  function move(moved) {
    if (!moved.buttons) return end();
    at = { x: moved.clientX, y: moved.clientY };
    const distance = Math.hypot(at.x + scrollX - from.x, at.y + scrollY - from.y);
    if (!band && distance >= MIN_DISTANCE) begin();
  }

  function begin() {
    band = Object.assign(document.createElement("div"), { className: "rubber-band" });
    document.body.append(band);
    requestAnimationFrame(draw);
  }

  function draw() {
    if (!band) return;
    scrollBy({ top: stepAt(at.y), behavior: "instant" });
    const here = { x: at.x + scrollX, y: at.y + scrollY };
    const box = {
      left: Math.min(from.x, here.x), top: Math.min(from.y, here.y),
      right: Math.max(from.x, here.x), bottom: Math.max(from.y, here.y),
    };
    Object.assign(band.style, {
      left: `${box.left - scrollX}px`, top: `${box.top - scrollY}px`,
      width: `${box.right - box.left}px`, height: `${box.bottom - box.top}px`,
    });
    choose(box);
    requestAnimationFrame(draw);
  }

  function choose(box) {
    const boxes = findBoxes();
    if (boxes.length !== cards.length) cards = boxes.map(measure);
    const touched = cards.filter(({ left, top, right, bottom }) => left < box.right && right > box.left && top < box.bottom && bottom > box.top);
    const ids = [...new Set([...kept, ...touched.map(({ id }) => id)])];
    if (ids.join() === chosen) return;
    chosen = ids.join();
    setSelection({ ids });
  }

  function cancel(pressed) {
    if (pressed.key !== "Escape") return;
    pressed.preventDefault();
    pressed.stopPropagation();
    setSelection(before);
    end();
  }

  function end() {
    band?.remove();
    band = null;
    removeEventListener("mousemove", move);
    removeEventListener("mouseup", end);
    removeEventListener("keydown", cancel, true);
  }

  addEventListener("mousemove", move);
  addEventListener("mouseup", end);
  addEventListener("keydown", cancel, true);
}

function measure(box) {
  const { left, top, right, bottom } = box.closest("[data-asset]").getBoundingClientRect();
  return { id: box.value, left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
}

function stepAt(y) {
  const beyond = Math.max(y - innerHeight + EDGE, 0) - Math.max(EDGE - y, 0);
  return Math.max(-MAX_STEP, Math.min(MAX_STEP, beyond / 2));
}
