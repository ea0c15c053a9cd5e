// The upload page: files start at once, so its form has nothing to submit; and all of its zone chooses files.

import "../refresher.js";
import "./share-target.js";
import { takeSharedFiles } from "./shared-files.js";

const INPUT = "input[type=file][form=upload-form]";

// The files go to the tray; the input itself stays empty.
function makeInputOptional() {
  const input = document.querySelector(INPUT);
  if (input) input.required = false;
}

document.addEventListener("submit", (event) => {
  if (event.target.closest("[data-upload-form]")) event.preventDefault();
});

// Space does it by itself, and Enter only in some browsers.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-upload-input]")) return;
  event.preventDefault();
  event.target.click();
});

addEventListener("page:swapped", makeInputOptional);
makeInputOptional();
takeSharedFiles();
