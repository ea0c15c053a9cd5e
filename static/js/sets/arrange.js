// Puts the members of a set into another order: by dragging, with fingers too, by the arrow keys and by buttons.
// Dispatches `set:arranged` on the list.

const KEYS_DELAY = 600;
const EDGE = 60; // of the window, where it scrolls
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const orderOf = (list) => [...list.children].map(({ id }) => id).join();
let timer = 0;

function moveBy(member, step) {
  const list = member.parentElement;
  const members = [...list.children];
  const at = Math.min(Math.max(members.indexOf(member) + step, 0), members.length - 1);
  const others = members.filter((one) => one !== member);
  list.insertBefore(member, others[at] ?? null);
  announce(member);
}

function announce(member) {
  const members = [...member.parentElement.children];
  const text = `${member.dataset.title}: ${members.indexOf(member) + 1} of ${members.length}`;
  document.querySelector("[data-moved]").textContent = text;
}

function arranged(list, delay = 0) {
  clearTimeout(timer);
  timer = setTimeout(() => list.dispatchEvent(new CustomEvent("set:arranged", { bubbles: true })), delay);
}

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-handle]");
  const step = handle && STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const member = handle.closest("[data-member]");
  moveBy(member, step);
  handle.focus();
  member.scrollIntoView({ block: "nearest" });
  arranged(member.parentElement, KEYS_DELAY);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-members] button[name=move]");
  if (!button) return;
  event.preventDefault();
  const member = button.closest("[data-member]");
  moveBy(member, button.value.endsWith(":up") ? -1 : 1);
  button.focus();
  arranged(member.parentElement, KEYS_DELAY);
});

// --- By dragging ---

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-handle], .member-picture");
  const member = grip?.closest("[data-members] [data-member]");
  // A finger on the picture scrolls the page.
  const isGrip = grip?.matches("[data-handle]") || event.pointerType === "mouse";
  if (!member || !isGrip || event.button !== 0 || !member.querySelector("[data-handle]")) return;
  drag(member, event.pointerId);
});

function drag(member, pointer) {
  const list = member.parentElement;
  const [before, next] = [orderOf(list), member.nextElementSibling];
  const ending = new AbortController();
  const on = (name, act) => addEventListener(name, act, { signal: ending.signal });
  const end = () => {
    ending.abort();
    delete member.dataset.dragging;
    if (orderOf(list) !== before) arranged(list);
  };
  on("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    member.dataset.dragging = "";
    scrollAtEdge(event.clientY);
    moveTo(member, document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-member]"));
  });
  on("pointerup", end);
  on("pointercancel", end);
  on("keydown", ({ key }) => {
    if (key !== "Escape") return;
    list.insertBefore(member, next);
    end();
  });
}

function moveTo(member, target) {
  if (!target || target === member || target.parentElement !== member.parentElement) return;
  const isLater = member.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING;
  target.parentElement.insertBefore(member, isLater ? target.nextSibling : target);
  announce(member);
}

function scrollAtEdge(y) {
  if (y < EDGE) scrollBy(0, -EDGE / 4);
  else if (y > innerHeight - EDGE) scrollBy(0, EDGE / 4);
}
