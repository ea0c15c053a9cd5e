// A step of the history for as long as the quick look is open, so that going back closes it.

let close = null;
let leaving = Promise.resolve();

export function enterHistory(onBack) {
  close = onBack;
  // htmx would load the list again on the way back.
  const { htmx: isOfHtmx, ...state } = history.state ?? {};
  history.replaceState({ ...state, wasOfHtmx: isOfHtmx }, "");
  history.pushState({ ...state, isLook: true }, "");
  addEventListener("popstate", onPop, { once: true });
}

function onPop() {
  const { wasOfHtmx, ...state } = history.state ?? {};
  if (wasOfHtmx) history.replaceState({ ...state, htmx: true }, "");
  const onBack = close;
  close = null;
  onBack?.();
}

// Goes back, unless that is why the quick look is being closed.
export function leaveHistory() {
  if (!close) return leaving;
  close = null;
  leaving = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
  history.back();
  return leaving;
}

export const whenLeft = () => leaving;
