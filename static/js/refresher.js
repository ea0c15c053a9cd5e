// What refreshes unfinished assets is loaded with the first refresh: most pages need none.
document.addEventListener("htmx:confirm", async (event) => {
  if (event.target.id !== "refresher") return;
  event.preventDefault();
  // Without it, parts are replaced as a whole.
  await import("./refresh.js").then(({ loadMorph }) => loadMorph()).catch(() => {});
  event.detail.issueRequest();
});
