// A star makes its entry a favourite, or none any more.

import { send } from "./send.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const star = event.target.closest("[data-favourite]");
  if (!star) return;
  event.preventDefault();
  const on = star.getAttribute("aria-pressed") !== "true";
  star.setAttribute("aria-pressed", on);
  try {
    await send(`${star.closest("[data-asset]").dataset.asset}favourite/`, { on: on ? "1" : "0" });
  } catch {
    star.setAttribute("aria-pressed", !on);
    toast("That could not be saved. Is the library reachable?");
  }
});
