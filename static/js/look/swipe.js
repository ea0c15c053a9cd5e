// Swipes of one finger. A picture that is zoomed, or a page that scrolls, moves instead.

const MIN_DISTANCE = 50; // pixels
const MOVES = "[data-zoomed], video, audio, .look-strip, .look-panel";

export function watchSwipes(element, { left, right, down }) {
  let start = null;

  element.addEventListener("touchstart", ({ touches, target }) => {
    start = touches.length === 1 && !target.closest(MOVES) ? touches[0] : null;
  }, { passive: true });

  element.addEventListener("touchend", ({ changedTouches: [end], target }) => {
    if (!start) return;
    const [x, y] = [end.clientX - start.clientX, end.clientY - start.clientY];
    start = null;
    if (Math.abs(x) > MIN_DISTANCE && Math.abs(x) > 2 * Math.abs(y)) (x < 0 ? left : right)();
    else if (y > 2 * MIN_DISTANCE && y > 2 * Math.abs(x) && !target.closest(".pages")) down();
  });
}
