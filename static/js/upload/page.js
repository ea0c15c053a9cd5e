// The upload page: selected files are listed in the tray first, and uploaded when the form is submitted.

import "../refresh.js";
import { openTray } from "./start.js";

const findInput = () => document.querySelector("input[type=file][form=upload-form]");

// The files are in the tray; the input itself stays empty.
function makeInputOptional() {
  if (findInput()) findInput().required = false;
}

async function submit(form) {
  const { title, tags, collection, description, visibility } = Object.fromEntries(new FormData(form));
  const tray = await openTray();
  if (!tray) return;
  if (await tray.release({ title, tags, collection, description, visibility })) {
    form.reset();
    return;
  }
  findInput().required = true;
  findInput().reportValidity();
  makeInputOptional();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-upload-form]");
  if (!form) return;
  event.preventDefault();
  submit(form);
});

document.addEventListener("upload:held", ({ detail: count }) => {
  const label = document.querySelector("[data-upload-label]");
  if (label) label.textContent = count ? `Upload ${count === 1 ? "1 file" : `${count} files`}` : "Upload";
});

addEventListener("page:swapped", makeInputOptional);
makeInputOptional();
