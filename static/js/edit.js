// Edits an asset in place: submits the page's own form without leaving the page.
//
// The server answers with the whole page, as to a browser without scripts; the parts that may change are taken from it.

import { isTyping } from "./keys.js";
import { splitNames, withoutNames } from "./names.js";
import { explain, request } from "./request.js";
import { signInLink, toast } from "./toast.js";

const PARTS = ["about", "facts", "history"];
const TEXTS = ["title", "description", "visibility"];
const NAMES = ["tags", "collections"];
const findBox = () => document.querySelector("[data-edit-box]");
const findForm = () => document.querySelector("[data-edit-form]");
let isDiscarding = false;

function isChanged(field) {
  return field.matches("option") ? field.selected !== field.defaultSelected : field.value !== field.defaultValue;
}

function hasUnsavedChanges() {
  if (!findForm() || isDiscarding) return false;
  if ("returned" in findForm().dataset) return true;
  const fields = Array.from(findForm().querySelectorAll("input:not([type=hidden]), textarea, option"));
  return fields.some(isChanged) || findBox().dataset.unsaved === "kept";
}

function open(name = "title") {
  if (!findBox()) return;
  findBox().open = true;
  const field = findForm().elements[name];
  field.focus();
  if (field.select) field.setSelectionRange?.(field.value.length, field.value.length);
}

// Unsaved changes stay in the form, and the button that opens it again says so.
function close() {
  const box = findBox();
  const isUnsaved = hasUnsavedChanges();
  box.toggleAttribute("data-unsaved", isUnsaved);
  if (isUnsaved) box.dataset.unsaved = "kept";
  box.open = false;
  box.querySelector("summary").focus();
}

// What was changed since the version that the page shows. A form that came back holds what was changed before: all of it.
function readChanges(form) {
  const data = new FormData(form);
  data.delete("csrfmiddlewaretoken");
  if ("returned" in form.dataset) return data;
  for (const name of TEXTS) {
    const field = form.elements[name];
    if (field && !Array.from(field.options ?? [field]).some(isChanged)) data.delete(name);
  }
  for (const name of NAMES) readNames(form, name, data);
  return data;
}

// Names that others add meanwhile stay.
function readNames(form, name, data) {
  const [before, after] = [splitNames(data.get(`initial-${name}`)), splitNames(data.get(name))];
  const [added, removed] = [withoutNames(after, before), withoutNames(before, after)];
  for (const field of [name, `initial-${name}`]) data.delete(field);
  if (added.length) data.set(`add_${name}`, added.join(", "));
  if (removed.length) data.set(`remove_${name}`, removed.join(", "));
}

async function save() {
  const form = findForm();
  form.inert = true;
  try {
    const options = { method: "POST", body: readChanges(form), headers: { accept: "text/html" } };
    const response = await request(form.action, options);
    const text = await response.text();
    const page = new DOMParser().parseFromString(text, "text/html");
    showPage(page, () => explain(response.status, text));
    if (response.ok) {
      toast("Saved", { undo: page.querySelector(".notices form")?.action });
      dispatchEvent(new CustomEvent("navigation:changed"));
    }
  } catch (error) {
    form.inert = false;
    showError(form, error);
  }
  const next = findBox()?.open ? "[aria-invalid], [data-conflict] input, [type=submit]" : "summary";
  findBox()?.querySelector(next)?.focus();
}

function showPage(page, explainError) {
  if (!page.getElementById("about")) throw explainError();
  for (const id of PARTS) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
  document.title = page.title;
}

function showError(form, error) {
  const notice = form.querySelector("[data-edit-error]");
  notice.textContent = `Not saved. ${error.message}`;
  if (error.isSignedOut) notice.append(" ", signInLink());
  notice.hidden = false;
}

document.addEventListener("submit", (event) => {
  if (event.target !== findForm()) return;
  event.preventDefault();
  save();
});

document.addEventListener("reset", (event) => {
  if (event.target !== findForm()) return;
  delete findBox().dataset.unsaved;
  // The fields get their values back only after this event.
  setTimeout(close);
});

document.addEventListener("click", (event) => {
  const text = event.target.closest("[data-edit]");
  if (text && !event.target.closest("a") && !getSelection().toString()) open(text.dataset.edit);
  if (event.target.closest("[data-discard]")) isDiscarding = true;
});

// Whoever writes in a field chooses it.
document.addEventListener("input", ({ target }) => {
  const side = target.closest("[data-conflict] > *");
  if (side) side.querySelector("[type=radio]").checked = true;
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-edit-box] > summary")) return;
  event.preventDefault();
  if (findBox().open) close();
  else open();
});

document.addEventListener("keydown", (event) => {
  const isInBox = findBox()?.open && findBox().contains(document.activeElement);
  const isSubmit = event.key === "Enter" && (event.ctrlKey || event.metaKey) && findForm()?.contains(event.target);
  if (event.key === "Escape" && isInBox) close();
  else if (isSubmit) findForm().requestSubmit();
  else if (event.key === "e" && !isTyping(event)) open();
  else return;
  event.preventDefault();
});

window.addEventListener("beforeunload", (event) => {
  if (hasUnsavedChanges()) event.preventDefault();
});

if (location.hash === "#edit") open();
