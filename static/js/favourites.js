// Adds the asset of a star to the favourites, or removes it.

import { post } from "./post.js";
import { toastError } from "./toast.js";

// Every star of the asset, on its card too.
function press(asset, isFavourite) {
  const stars = document.querySelectorAll(`[data-asset="${asset}"] [data-favourite]`);
  for (const star of stars) star.setAttribute("aria-pressed", isFavourite);
}

export async function toggle(star) {
  const isFavourite = star.getAttribute("aria-pressed") !== "true";
  const { asset } = star.closest("[data-asset]").dataset;
  press(asset, isFavourite);
  try {
    await post(`${asset}favourite/`, { on: isFavourite ? "1" : "0" });
  } catch (error) {
    press(asset, !isFavourite);
    toastError(error);
  }
}
