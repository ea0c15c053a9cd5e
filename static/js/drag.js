// Where dragged assets and collections can be dropped: on every [data-collection], which is empty for the top level.

import { post } from "./post.js";
import { currentToken } from "./request.js";
import { toast, toastError } from "./toast.js";

// As drag-start.js says. No import: that one imports this.
const ASSETS = "application/x-asset-ids";
// The collection that is dragged; null for assets.
let dragged = null;
let isOffered = false;

const linkOf = (element) => (element.matches("a") ? element : element.querySelector("a"));
const isWithin = (path, other) => path.startsWith(linkOf(other).pathname);

export function offer(collection) {
  [dragged, isOffered] = [collection, true];
}

function canDrop(target) {
  const id = target.dataset.collection;
  if (!dragged) return id !== "" && !linkOf(target).matches("[aria-current]");
  // Not into itself, or what is nested in it, or where it is.
  const parent = new URL("..", linkOf(dragged).href).pathname;
  return id !== dragged.dataset.collection && !isWithin(linkOf(target).pathname, dragged) && linkOf(target).pathname !== parent;
}

function findTarget(event) {
  const target = isOffered ? event.target.closest?.("[data-collection]") : null;
  return target && canDrop(target) ? target : null;
}

function mark(target) {
  for (const other of document.querySelectorAll("[data-drop-target]")) delete other.dataset.dropTarget;
  if (target) target.dataset.dropTarget = "";
}

document.addEventListener("dragover", (event) => {
  const target = findTarget(event);
  mark(target);
  if (!target) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = dragged ? "move" : "copy";
});

document.addEventListener("drop", (event) => {
  const target = findTarget(event);
  if (!target) return;
  event.preventDefault();
  const { collection } = target.dataset;
  if (dragged) move(dragged, collection);
  else add(JSON.parse(event.dataTransfer.getData(ASSETS)), collection);
});

document.addEventListener("dragend", () => {
  mark(null);
  isOffered = false;
});

async function add(ids, collection) {
  const fields = ids.map((id) => ["id", id]);
  const values = [["action", "collect"], ["collection_id", collection], ["confirmed", "1"], ...fields];
  try {
    const { message, undo } = await (await post(`${document.documentElement.dataset.root}assets/bulk/`, values)).json();
    toast(message, { undo });
    dispatchEvent(new CustomEvent("assets:changed"));
  } catch (error) {
    toastError(error);
  }
}

// The page that follows shows what was done, with Undo.
async function move(collection, into) {
  const isHere = isWithin(location.pathname, collection);
  const values = {
    csrfmiddlewaretoken: await currentToken(),
    action: "move",
    into_id: into,
    next: isHere ? "" : location.pathname + location.search,
  };
  const action = `${document.documentElement.dataset.root}collections/${collection.dataset.collection}/`;
  const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
  for (const [name, value] of Object.entries(values)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.requestSubmit();
}
