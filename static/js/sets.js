// The page of a set: every change is saved at once, and changes of others come in.

import "./sets/arrange.js";
import "./sets/copy.js";
import { morphInside } from "./refresh.js";
import { explain, request } from "./request.js";
import { toast, toastError } from "./toast.js";

const POLL = 5000;
const ERROR_DURATION = 8000;
const PART = { "hx-request": "true" };
const findForm = () => document.getElementById("set-form");
const findFields = () => [...findForm().elements].filter((field) => field.matches("input[type=text], textarea, select"));
const savedValue = (field) =>
  field.matches("select") ? (field.querySelector("[selected]") ?? field.options[0]).value : field.defaultValue;
const isDirty = (field) => field.value !== savedValue(field);
// One after the other: each carries the version that the one before made.
let saving = Promise.resolve();
let isSaving = false;

export function save(submitter = null) {
  saving = saving.then(() => send(submitter)).catch(toastError);
  return saving;
}

async function send(submitter) {
  const form = findForm();
  const body = new URLSearchParams(new FormData(form, submitter));
  const sent = new Map(findFields().map((field) => [field.id, field.value]));
  isSaving = true;
  try {
    const response = await request(form.action, { method: "POST", body, headers: PART });
    if (!response.ok) throw explain(response.status, await response.text());
    await show(await response.text(), sent);
  } finally {
    isSaving = false;
  }
}

// What somebody has typed since `sent` stays.
async function show(html, sent) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const typed = findFields().filter(({ id, value }) => sent.has(id) && sent.get(id) !== value);
  const kept = new Map(typed.map(({ id, value }) => [id, value]));
  await morphInside(document.getElementById("set"), fresh);
  for (const field of findFields()) field.value = kept.get(field.id) ?? savedValue(field);
  window.htmx.process(document.getElementById("set"));
  tell(document.getElementById("set-parts"));
}

function tell(parts) {
  const { message, undo } = parts.dataset;
  const errors = [...parts.querySelectorAll(".set-notices .notice")].map(({ textContent }) => textContent.trim());
  if (errors.length) toast(errors.join(" "), { duration: ERROR_DURATION });
  else if (undo) toast("Removed from set", { undo });
  else if (message) toast(message, { duration: ERROR_DURATION });
  parts.dataset.message = parts.dataset.undo = "";
}

document.addEventListener("change", ({ target }) => {
  if (target.form === findForm() && findForm().querySelector("[name=title]")) save();
});

document.addEventListener("submit", async (event) => {
  if (event.target !== findForm()) return;
  event.preventDefault();
  const { submitter } = event;
  if (submitter?.name === "move") return;
  const member = submitter?.closest("[data-member]");
  const next = member?.nextElementSibling ?? member?.previousElementSibling;
  await save(submitter?.name ? submitter : null);
  if (member && next) document.getElementById(next.id)?.querySelector("[data-handle]")?.focus();
});

// Ctrl+Z takes back what was done here last, before what was done elsewhere.
document.addEventListener(
  "keydown",
  (event) => {
    const button = document.querySelector("[data-toasts] > [data-undo^='/']:last-child button");
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || !button) return;
    if (event.target.closest?.("input, textarea, select")) return;
    event.preventDefault();
    button.click();
  },
  true,
);

async function poll() {
  const form = findForm();
  const mayWait = document.hidden || isSaving || findFields().some(isDirty) || document.querySelector("[data-dragging]");
  if (mayWait || document.querySelector("dialog[open]")) return;
  const { version } = document.getElementById("set-parts").dataset;
  const address = new URL(form.action);
  address.searchParams.set("since", version);
  const response = await fetch(address, { headers: PART }).catch(() => null);
  if (response?.status !== 200 || isSaving || findFields().some(isDirty)) return;
  await show(await response.text(), new Map());
}

setInterval(poll, POLL);
document.addEventListener("visibilitychange", poll);
document.addEventListener("set:arranged", () => save());
