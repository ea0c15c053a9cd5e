// The checkbox in the heading of a day or month selects its assets, loaded or not, and shows whether they are.

import { toast } from "./toast.js";

const boxesOf = (heading) => {
  const boxes = [];
  for (let one = heading.nextElementSibling; one && !one.matches("[data-group], .few-days"); one = one.nextElementSibling) {
    boxes.push(...one.querySelectorAll("[name=id]"));
  }
  return boxes;
};

// `selection`: as selection.js exports it.
export async function choose(box, { changeSelection }) {
  const heading = box.closest("[data-group]");
  const change = box.checked ? "added" : "removed";
  changeSelection({ [change]: boxesOf(heading).map(({ value }) => value) });
  const url = new URL(document.getElementById("selection").dataset.list, location);
  for (const [name, value] of [["part", "ids"], ["group", heading.dataset.group]]) url.searchParams.set(name, value);
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) return;
  const { ids, more } = await response.json();
  changeSelection({ [change]: ids });
  const first = ids.length.toLocaleString("en");
  if (more && box.checked) toast(`Only the first ${first} are selected: one action takes no more.`, { duration: 8000 });
}

// `selection`: that of `selection:changed`.
export function update({ ids, all }) {
  const selected = new Set(ids);
  for (const box of document.querySelectorAll("[data-select-group]")) {
    const boxes = boxesOf(box.closest("[data-group]"));
    const count = all ? boxes.length : boxes.filter(({ value }) => selected.has(value)).length;
    box.checked = boxes.length > 0 && count === boxes.length;
    box.indeterminate = count > 0 && count < boxes.length;
  }
}
