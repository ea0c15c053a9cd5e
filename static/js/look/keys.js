// Which keys are the quick look's own, and which belong to what has the focus.

const FIELDS = "input, textarea, select";
const OWN_KEYS = [
  ["video, audio", ["ArrowLeft", "ArrowRight", "Home", "End", " ", "Enter"]],
  [".pages, .look-panel", ["Home", "End", " ", "Enter"]],
  ["button, a", [" ", "Enter"]],
];

function isTaken({ key, target }) {
  return OWN_KEYS.some(([selector, keys]) => keys.includes(key) && target.closest(selector));
}

export function press(event, actions) {
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  const action = actions[event.key];
  if (!action || event.defaultPrevented || hasModifier || event.target.closest(FIELDS) || isTaken(event)) return;
  event.preventDefault();
  action();
}
