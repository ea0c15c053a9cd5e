// Which rows of a long list are in sight, and where: only those are in the page. The list is as high as all of them.

const MARGIN = 800; // pixels above and below what is in sight
const TYPICAL_HEIGHT = 61;
// The beginning is there always, also for whoever searches the page.
const MIN_ROWS = 20;

export class ListWindow {
  element;
  #scroller;
  #heights = new WeakMap();

  // `scroller`: the element that clips the list, if it does not grow with it.
  constructor(element, scroller) {
    [this.element, this.#scroller] = [element, scroller];
  }

  // The uploads in sight, as [{upload, top, position}], the first ones, and `kept` wherever it is. Null while the list is
  // hidden.
  inSight(uploads, kept) {
    if (!this.#scroller.getClientRects().length) return null;
    const [start, end] = this.#findSpan();
    const shown = [];
    let top = 0;
    uploads.forEach((upload, index) => {
      const bottom = top + (this.#heights.get(upload) ?? TYPICAL_HEIGHT);
      const isInSight = bottom > start && top < end;
      if (isInSight || index < MIN_ROWS || upload === kept) shown.push({ upload, top, position: index + 1 });
      top = bottom;
    });
    this.element.style.height = `${top}px`;
    return shown;
  }

  // Puts the rows of what is in sight into the list, as [{row, top, position}] in their order; `total`: of all.
  place(placed, total) {
    let next = this.element.firstElementChild;
    for (const { row, top, position } of placed) {
      if (row === next) next = next.nextElementSibling;
      else insertBefore(row, this.element, next);
      row.style.top = `${top}px`;
      row.ariaPosInSet = position;
      row.ariaSetSize = total;
    }
  }

  // What the row of an upload takes; 0 while it is hidden.
  setHeight(upload, height) {
    if (height) this.#heights.set(upload, height);
  }

  // In pixels below the upper edge of the list.
  #findSpan() {
    const { top } = this.element.getBoundingClientRect();
    const clip = this.#scroller.getBoundingClientRect();
    return [Math.max(0, clip.top) - top - MARGIN, Math.min(innerHeight, clip.bottom) - top + MARGIN];
  }
}

// Moving an element takes the focus from it.
function insertBefore(row, list, next) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(row, next);
  focused?.focus();
}
