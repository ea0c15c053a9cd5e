// A star adds its asset to the favourites, or removes it.

import { toastError } from "./toast.js";

// Every star of the asset, on its card too.
function press(asset, isFavourite) {
  const stars = document.querySelectorAll(`[data-asset="${asset}"] [data-favourite]`);
  for (const star of stars) star.setAttribute("aria-pressed", isFavourite);
}

document.addEventListener("click", async (event) => {
  const star = event.target.closest("[data-favourite]");
  if (!star) return;
  event.preventDefault();
  const isFavourite = star.getAttribute("aria-pressed") !== "true";
  const { asset } = star.closest("[data-asset]").dataset;
  press(asset, isFavourite);
  try {
    const { post } = await import("./post.js");
    await post(`${asset}favourite/`, { on: isFavourite ? "1" : "0" });
  } catch (error) {
    press(asset, !isFavourite);
    toastError(error);
  }
});
