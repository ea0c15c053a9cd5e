// Edits an asset in place: submits the page's own form without leaving the page.
//
// The server answers with the whole page, as to a browser without scripts; the parts that may change are taken from it.

import { isTyping } from "./keys.js";
import { toast } from "./toast.js";

const PARTS = ["about", "facts", "history"];
const findBox = () => document.querySelector("[data-edit-box]");
const findForm = () => document.querySelector("[data-edit-form]");

function isChanged(field) {
  return field.matches("option") ? field.selected !== field.defaultSelected : field.value !== field.defaultValue;
}

function hasUnsavedChanges() {
  if (!findForm()) return false;
  const fields = Array.from(findForm().querySelectorAll("input, textarea, option"));
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

async function save() {
  const form = findForm();
  form.inert = true;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { accept: "text/html" },
    });
    showPage(new DOMParser().parseFromString(await response.text(), "text/html"));
    if (response.ok) toast("Saved");
  } catch {
    form.inert = false;
    toast("Not saved. Check that you’re online and signed in.");
  }
  (findForm()?.querySelector("[aria-invalid]") ?? findBox()?.querySelector("summary"))?.focus();
}

function showPage(page) {
  if (!page.getElementById("about")) throw new Error("not the page of an asset");
  for (const id of PARTS) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
  document.title = page.title;
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
