// The bar of a selection: the numbers that it says, and what it sends of cards that are not loaded. Loaded with the
// first selection.

import { copyText } from "./copy.js";
import { requestOk } from "./request.js";
import { toast } from "./toast.js";
import { loadStyle } from "./upload/load-style.js";

const MAX_SELECTED = 10_000; // of one action, and as far as the server counts
const findForm = () => document.getElementById("selection");
const format = (count) => count.toLocaleString("en");
const pluralise = (count, noun) => `${format(count)} ${noun}${count === 1 ? "" : "s"}`;
let selection = { ids: [], all: false };
// Of which results the total is.
let counted = "";
let total = "";
let isTooMany = false;

loadStyle(findForm().dataset.style);

document.addEventListener("selection:changed", ({ detail }) => {
  selection = detail;
  const form = findForm();
  if (!form) return;
  if (!selection.all && !selection.ids.length) {
    isTooMany = false;
    leave(form);
    return;
  }
  update(form);
  count(form);
  if (document.querySelector("[data-select-group]")) {
    import("./select-group.js").then(({ update: updateGroups }) => updateGroups(selection), () => {});
  }
});

// What had the focus is gone.
function leave(form) {
  if (!form.contains(document.activeElement)) return;
  const titles = [...document.querySelectorAll("[data-cards] .card-title")];
  titles.find((title) => title.getBoundingClientRect().top > 0)?.focus({ preventScroll: true });
}

function update(form) {
  const { ids, all } = selection;
  const texts = {
    count: all ? `All ${total} selected` : `${format(ids.length)} selected`,
    total: `All ${total || "results"}`,
    copy: all ? "Copy URLs" : `Copy ${pluralise(ids.length, "URL")}`,
  };
  for (const [name, text] of Object.entries(texts)) {
    for (const part of form.querySelectorAll(`[data-selection-${name}]`)) part.textContent = text;
  }
  warn(selection);
}

// Before somebody has filled in the dialog of an action, which then refuses them.
function warn({ ids, all }) {
  const wasTooMany = isTooMany;
  isTooMany = all ? total.includes("+") : ids.length > MAX_SELECTED;
  const text = `More than ${format(MAX_SELECTED)} assets are selected, the limit for one action.`;
  if (isTooMany && !wasTooMany) toast(text, { duration: 8000 });
}

// `64 assets`.
async function count({ dataset }) {
  if (counted === dataset.list) return;
  counted = dataset.list;
  const url = new URL(counted, location);
  url.searchParams.set("part", "total");
  const response = await fetch(url).catch(() => null);
  total = response?.ok ? (await response.text()).trim() : "";
  if (findForm()) update(findForm());
}

document.addEventListener("formdata", ({ target, formData }) => {
  if (target !== findForm()) return;
  const sent = new Set(formData.getAll("id"));
  if (selection.all) formData.delete("id");
  else for (const id of selection.ids) if (!sent.has(id)) formData.append("id", id);
});

// --- Copying without a dialog, where the browser allows it ---

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-selection]");
  if (!button || button.dataset.copySelection === "dialog") return;
  event.preventDefault();
  try {
    const { urls } = await fetchUrls(button);
    const text = button.dataset.copySelection === "json" ? JSON.stringify(urls, null, 2) : urls.join("\n");
    if (await copyText(text)) toast(describe(urls.length));
  } catch {
    button.dataset.copySelection = "dialog";
    button.click();
  }
});

async function fetchUrls({ formAction, form }) {
  const options = { method: "POST", body: new FormData(form), headers: { accept: "application/json" } };
  return (await requestOk(formAction, options)).json();
}

function describe(copied) {
  const without = selection.all ? 0 : selection.ids.length - copied;
  const left = without ? `. ${pluralise(without, "asset")} without a URL yet` : "";
  return `${pluralise(copied, "URL")} copied${left}`;
}
