// The upload page: files start at once, so its form has nothing to submit; and all of its zone chooses files.

import "../refresher.js";
import "./share-target.js";
import { takeSharedFiles } from "./shared-files.js";
import { openTray } from "./start.js";

const INPUT = "input[type=file][form=upload-form]";

// The files go to the tray; the input itself stays empty. Those that were chosen before this module came are in it.
function takeOver() {
  const input = document.querySelector(INPUT);
  if (!input) return;
  input.required = false;
  if (input.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("submit", (event) => {
  if (event.target.closest("[data-upload-form]")) event.preventDefault();
});

// Addresses become rows of the tray, too. What is no address is left to the server, which says so.
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-import-urls]")) return;
  const field = document.querySelector("[data-import-text]");
  const urls = [...new Set(field.value.split(/\s+/).filter(Boolean))];
  event.preventDefault();
  if (!urls.length || !urls.every((url) => URL.canParse(url))) {
    field.setCustomValidity("Enter an https address of a file in each line, such as https://example.com/picture.png.");
    field.reportValidity();
    return;
  }
  (await openTray())?.addUrls(urls);
  field.value = "";
});

document.addEventListener("input", ({ target }) => target.matches("[data-import-text]") && target.setCustomValidity(""));

// Space does it by itself, and Enter only in some browsers.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-upload-input]")) return;
  event.preventDefault();
  event.target.click();
});

addEventListener("page:swapped", takeOver);
takeOver();
takeSharedFiles();
