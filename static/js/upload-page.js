// The upload page: files that are dropped or chosen are shown in the tray first, and go up when the form is sent.

import { tray } from "./upload-start.js";

const field = () => document.querySelector("[data-upload-form] input[type=file]");

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

addEventListener("page:swapped", prepare);
prepare();
