// The search box on every page: `/` leads there, and the names behind tag:, by: and in: complete while typing.

import { typing } from "./keys.js";

const box = document.querySelector("[data-search]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || typing(event)) return;
  event.preventDefault();
  box.focus();
  box.select();
});

const written = (name) => (/[\s"]/u.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
let asked = "";

async function complete() {
  const found = /^(.*?)(-?(tag|in):)"?([^\s"]*)$/u.exec(box.value);
  if (!found) return box.removeAttribute("list");
  if (found[0] === asked) return;
  asked = found[0];
  const [, before, qualifier, name, part] = found;
  const answer = await fetch(`${box.dataset[name]}?q=${encodeURIComponent(part)}`, {
    headers: { accept: "application/json" },
  });
  if (!answer.ok) return;
  const { names } = await answer.json();
  const options = names.map((text) => new Option("", before + qualifier + written(text)));
  document.getElementById("search-names").replaceChildren(...options);
  box.setAttribute("list", "search-names");
}

box?.addEventListener("input", complete);
