// Begins to drag assets, the selected ones together, or a collection. Whoever may change nothing drags nothing.

export const ASSETS = "application/x-asset-ids";
export const COLLECTION = "application/x-collection-id";

function findIds(card) {
  const boxes = Array.from(document.querySelectorAll("[data-cards] [name=id]"));
  const own = boxes.find((box) => card.contains(box));
  return (own?.checked ? boxes.filter((box) => box.checked) : [own]).map(({ value }) => value);
}

// With the number of assets.
function showImage(dataTransfer, text) {
  const image = Object.assign(document.createElement("p"), { className: "drag-image", textContent: text });
  document.body.append(image);
  dataTransfer.setDragImage(image, -12, -12);
  setTimeout(() => image.remove());
}

document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  if (!document.querySelector("[data-upload-tray]")) return;
  const card = target.closest?.("[data-cards] [data-asset]");
  const collection = target.closest?.("[data-movable]");
  if (card) {
    const ids = findIds(card);
    dataTransfer.setData(ASSETS, JSON.stringify(ids));
    showImage(dataTransfer, ids.length === 1 ? card.querySelector(".card-title").textContent : `${ids.length} assets`);
  } else if (collection) {
    dataTransfer.setData(COLLECTION, collection.dataset.collection);
  } else return;
  import("./drag.js").then(({ offer }) => offer(card ? null : collection));
});
