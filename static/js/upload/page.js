// The upload page: files that are dropped or chosen are shown in the tray first, and go up when the form is sent.

import { tray } from "./start.js";

const field = () => document.querySelector("input[form=upload-form]");

// The tray has the files; the field itself stays empty.
function prepare() {
  if (field()) field().required = false;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-upload-form]");
  if (!form) return;
  event.preventDefault();
  const { title, tags, collection, description, visibility } = Object.fromEntries(new FormData(form));
  if (await (await tray()).release({ title, tags, collection, description, visibility })) {
    form.reset();
    return;
  }
  field().required = true;
  field().reportValidity();
  prepare();
});

// The button says how many files it sends.
document.addEventListener("upload:held", ({ detail: count }) => {
  const words = document.querySelector("[data-upload-words]");
  if (words) words.textContent = count ? `Upload ${count === 1 ? "1 file" : `${count} files`}` : "Upload";
});

addEventListener("page:swapped", prepare);
prepare();
