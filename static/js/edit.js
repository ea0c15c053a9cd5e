// Edits an entry where its words stand: the page's own form, sent without leaving the page.
//
// The answer is the same page that a browser without scripts gets; its parts take the place of those here.

import { typing } from "./keys.js";
import { toast } from "./toast.js";

const PARTS = ["about", "facts", "history"];
const box = () => document.querySelector("[data-edit-box]");
const form = () => document.querySelector("[data-edit-form]");

function isUnsaved() {
  if (!form()) return false;
  const changed = Array.from(form().querySelectorAll("input, textarea, option")).some((field) =>
    field.matches("option") ? field.selected !== field.defaultSelected : field.value !== field.defaultValue,
  );
  return changed || box().dataset.unsaved === "kept";
}

function open(name = "title") {
  if (!box()) return;
  box().open = true;
  const field = form().elements[name];
  field.focus();
  if (field.select) field.setSelectionRange?.(field.value.length, field.value.length);
}

/** Back to reading. What was typed stays in the form, and is said to be there. */
function leave() {
  const unsaved = isUnsaved();
  box().toggleAttribute("data-unsaved", unsaved);
  if (unsaved) box().dataset.unsaved = "kept";
  box().open = false;
  box().querySelector("summary").focus();
}

async function save() {
  const sent = form();
  sent.inert = true;
  try {
    const answer = await fetch(sent.action, {
      method: "POST",
      body: new FormData(sent),
      headers: { accept: "text/html" },
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("about")) throw new Error(`${answer.status} ${answer.url}`);
    for (const id of PARTS) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    document.title = page.title;
    if (answer.ok) toast("Saved");
  } catch {
    sent.inert = false;
    toast("Not saved. What you typed is still here: are you signed in, and is the library reachable?");
  }
  (form()?.querySelector("[aria-invalid]") ?? box()?.querySelector("summary"))?.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  save();
});

document.addEventListener("reset", (event) => {
  if (event.target !== form()) return;
  delete box().dataset.unsaved;
  // The fields have their values back only after this event.
  setTimeout(leave);
});

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-edit]");
  if (place && !event.target.closest("a") && !getSelection().toString()) open(place.dataset.edit);
});

document.addEventListener("click", (event) => {
  const summary = event.target.closest("[data-edit-box] > summary");
  if (!summary) return;
  event.preventDefault();
  if (box().open) leave();
  else open();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && box()?.open && box().contains(document.activeElement)) {
    event.preventDefault();
    leave();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form()?.contains(event.target)) {
    event.preventDefault();
    form().requestSubmit();
  } else if (event.key === "e" && !typing(event)) {
    event.preventDefault();
    open();
  }
});

window.addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});

if (location.hash === "#edit") open();
