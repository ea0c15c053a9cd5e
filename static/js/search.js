// The search box of every page: `/` focuses it, and names after tag: and in: are completed.

import { isTyping } from "./keys.js";

// The start of a path, as in in:/2024, stays before the names.
const QUALIFIER = /^(.*?)(-?(tag|in):)["“”„«「]?(~?\/|)([^\s"]*)$/u;
let lastValue = "";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || isTyping(event)) return;
  event.preventDefault();
  // While files are uploaded, each page brings another one.
  const box = document.querySelector("[data-search]");
  box.focus();
  box.select();
});

function quote(name) {
  return /[\s"]|^[“”„‟«»「『]/u.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

// Null without an answer, such as one for a page that is being left.
async function fetchNames(url, prefix) {
  try {
    const response = await fetch(`${url}?q=${encodeURIComponent(prefix)}`, { headers: { accept: "application/json" } });
    return response.ok ? (await response.json()).names : null;
  } catch {
    return null;
  }
}

document.addEventListener("input", async ({ target: box }) => {
  if (!box.matches("[data-search]")) return;
  const match = QUALIFIER.exec(box.value);
  if (!match) {
    box.removeAttribute("list");
    return;
  }
  const [value, before, qualifier, field, start, prefix] = match;
  if (value === lastValue) return;
  lastValue = value;
  const names = await fetchNames(box.dataset[field], prefix);
  if (!names) return;
  const options = names.map((name) => new Option("", before + qualifier + quote(start + name)));
  document.getElementById("search-names").replaceChildren(...options);
  box.setAttribute("list", "search-names");
});
