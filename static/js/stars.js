// What a star does is loaded with the first click on one.
document.addEventListener("click", (event) => {
  const star = event.target.closest("[data-favourite]");
  if (!star) return;
  event.preventDefault();
  import("./favourites.js").then(({ toggle }) => toggle(star));
});
