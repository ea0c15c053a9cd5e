// Lists the files chosen in [data-chosen-files] before they are sent, and marks the zone while files hang over it.

const zone = document.querySelector("[data-chosen-files]");

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function item(file) {
  const row = document.createElement("li");
  const [name, amount] = [document.createElement("span"), document.createElement("span")];
  name.textContent = file.name;
  amount.textContent = size(file.size);
  amount.className = "soft";
  row.append(name, amount);
  return row;
}

if (zone) {
  const input = zone.querySelector("input[type=file]");
  const list = document.querySelector("[data-chosen-list]");
  const show = () => list.replaceChildren(...Array.from(input.files, item));
  input.addEventListener("change", show);
  zone.addEventListener("dragenter", () => (zone.dataset.over = ""));
  for (const end of ["dragleave", "drop"]) zone.addEventListener(end, () => delete zone.dataset.over);
  show();
}
