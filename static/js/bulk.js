// What follows a change of assets: a message with Undo, and the list as it is now.

import { refreshList } from "./place.js";
import { clearSelection, readSelection, setSelection } from "./selection.js";
import { toast } from "./toast.js";

// What they change leaves the list.
const MOVING = ["trash", "restore", "purge"];
// What was selected when something left the list, by the URL that brings it back.
const left = new Map();

document.addEventListener("bulk:done", ({ detail: { action, message, undo } }) => {
  document.getElementById("dialog").close();
  toast(message, { undo });
  if (MOVING.includes(action)) {
    left.set(undo, readSelection());
    clearSelection();
  }
  refreshList();
});

addEventListener("assets:changed", async ({ detail }) => {
  await refreshList();
  if (left.has(detail?.undone)) setSelection(left.get(detail.undone));
});
