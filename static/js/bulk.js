// What follows a change of assets: a message with Undo, and the list as it is now.

import { refreshList } from "./place.js";
import { toast } from "./toast.js";

document.addEventListener("bulk:done", ({ detail: { message, undo } }) => {
  document.getElementById("dialog").close();
  toast(message, { undo });
  refreshList();
});

addEventListener("assets:changed", () => refreshList());
