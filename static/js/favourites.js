// A star adds its asset to the favourites, or removes it.

import { post } from "./post.js";
import { toastError } from "./toast.js";

document.addEventListener("click", async (event) => {
  const star = event.target.closest("[data-favourite]");
  if (!star) return;
  event.preventDefault();
  const isFavourite = star.getAttribute("aria-pressed") !== "true";
  star.setAttribute("aria-pressed", isFavourite);
  try {
    await post(`${star.closest("[data-asset]").dataset.asset}favourite/`, { on: isFavourite ? "1" : "0" });
  } catch (error) {
    star.setAttribute("aria-pressed", !isFavourite);
    toastError(error);
  }
});
