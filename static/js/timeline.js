// The months of a list by date, at its right: shows the one in sight, and leads to the others by pointer, finger and keys.
// It stands beside the list, not in it, so that it stays when another part of the list is loaded.

import { load } from "./come-back.js";
import { loadStyle } from "./upload/load-style.js";

// In milliseconds: how long a pointer or key rests before its month is loaded, and how long the timeline stays on a phone.
const [REST, LINGER] = [160, 1500];
const MIN_DISTANCE = 24;
const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12, Home: -Infinity, End: Infinity };
const fragments = new Map();
const nav = Object.assign(document.createElement("nav"), { className: "timeline", hidden: true });
const pill = Object.assign(document.createElement("span"), { className: "timeline-pill" });
nav.ariaLabel = "Timeline";
pill.ariaHidden = "true";
let styles;
let months = [];
let current = 0;
// The month that is pointed at, but not loaded yet.
let wanted = null;
let isLoading = false;
let restTimer;
let lingerTimer;

const findWall = () => document.querySelector("#results [data-timeline]");
const findTimeline = () => findWall()?.dataset.timeline;
const findTrack = () => nav.querySelector(".timeline-track");
const topOf = (element) => element.getBoundingClientRect().top;

async function fill() {
  const url = findTimeline();
  if (url && nav.dataset.url !== url) await showMonths(url);
  // Meanwhile, the page may show another list, or none.
  nav.hidden = !url || findTimeline() !== url || months.length < 2;
  if (!nav.hidden) place();
}

async function showMonths(url) {
  nav.dataset.url = url;
  const html = fragments.get(url) ?? (await fetchFragment(url));
  if (!html || nav.dataset.url !== url) return;
  fragments.set(url, html);
  nav.innerHTML = html;
  const track = findTrack();
  await (styles ??= loadStyle(track.dataset.styles));
  months = [...track.children];
  track.append(pill);
}

async function fetchFragment(url) {
  const response = await fetch(url, { headers: { "hx-request": "true" } }).catch(() => null);
  return response?.ok && !response.redirected ? response.text() : "";
}

// Beside the list, as it stands when the page is not scrolled.
function place() {
  const top = Math.min(topOf(findWall()) + scrollY, innerHeight / 2);
  nav.style.setProperty("--top", `${Math.max(top, 80)}px`);
  nameMonths();
  follow();
}

// Years first, then as many months as there is room for; the others are ticks.
function nameMonths() {
  const step = findTrack().clientHeight / months.length;
  const named = months.flatMap((month, index) => (month.dataset.year ? [index] : []));
  months.forEach((month, index) => {
    const isFree = named.every((other) => other === index || Math.abs(other - index) * step >= MIN_DISTANCE);
    if (!month.dataset.year && isFree) named.push(index);
    delete month.dataset.tick;
    delete month.dataset.name;
    if (month.dataset.year) month.dataset.name = month.dataset.year;
    else if (named.includes(index)) month.dataset.name = month.dataset.label.slice(0, 3);
    else if (step >= 6 || index % Math.ceil(6 / step) === 0) month.dataset.tick = "";
  });
}

// --- The month in sight ---

function keyInSight() {
  const wall = findWall();
  const headings = [...wall.querySelectorAll("[data-group]")];
  if (headings.length) return (headings.findLast((one) => topOf(one) < 160) ?? headings[0]).dataset.group;
  const row = [...wall.querySelectorAll("[data-asset]")].find((one) => topOf(one) > 40);
  return row?.querySelector("time")?.dateTime;
}

function follow() {
  if (nav.hidden || wanted !== null || isLoading || !findWall()) return;
  const key = keyInSight()?.slice(0, 7);
  const index = months.findIndex((month) => month.dataset.month === key);
  if (index >= 0) show(index);
}

function show(index) {
  current = index;
  const { label } = months[index].dataset;
  const track = findTrack();
  pill.textContent = label;
  pill.style.top = `${((index + 0.5) / months.length) * 100}%`;
  track.ariaValueNow = index;
  track.ariaValueText = label;
}

function linger() {
  nav.dataset.active = "";
  clearTimeout(lingerTimer);
  lingerTimer = setTimeout(() => delete nav.dataset.active, LINGER);
}

let frame;
function scrolled() {
  linger();
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    follow();
  });
}

// --- Going to another one ---

function want(index, wait = REST) {
  wanted = Math.max(0, Math.min(months.length - 1, index));
  show(wanted);
  linger();
  clearTimeout(restTimer);
  restTimer = setTimeout(go, wait);
}

async function go() {
  if (isLoading || wanted === null) return;
  const index = wanted;
  isLoading = true;
  await jump(index).catch(() => {});
  isLoading = false;
  // Meanwhile, another one may have been pointed at.
  if (wanted === index) wanted = null;
  else go();
}

async function jump(index) {
  const { month, after } = months[index].dataset;
  if (!findStart(month)) await load(index ? { after } : {});
  if (index) findFirst(month)?.scrollIntoView({ behavior: "instant" });
  else scrollTo({ top: 0, behavior: "instant" });
}

// Where the month begins, if that is on the page: the first that is loaded may not be its beginning.
function findStart(month) {
  const first = findFirst(month);
  return first && document.getElementById("before")?.nextElementSibling === first ? null : first;
}

function findFirst(month) {
  const wall = findWall();
  return wall.querySelector(`[data-group^="${month}"]`) ?? findRow(wall, month);
}

function findRow(wall, month) {
  return wall.matches("tbody") ? wall.querySelector(`time[datetime^="${month}"]`)?.closest("[data-asset]") : null;
}

function monthAt(y) {
  const { top, height } = findTrack().getBoundingClientRect();
  return Math.floor(((y - top) / height) * months.length);
}

nav.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  nav.setPointerCapture(event.pointerId);
  nav.dataset.dragged = "";
  want(monthAt(event.clientY));
});

nav.addEventListener("pointermove", ({ clientY }) => "dragged" in nav.dataset && want(monthAt(clientY)));

for (const end of ["pointerup", "pointercancel"]) {
  nav.addEventListener(end, () => {
    if ("dragged" in nav.dataset && wanted !== null) want(wanted, 0);
    delete nav.dataset.dragged;
  });
}

nav.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  // The cards are not meant.
  event.stopPropagation();
  want((wanted ?? current) + step);
});

document.getElementById("results").before(nav);
addEventListener("scroll", scrolled, { passive: true });
addEventListener("resize", () => nav.hidden || place());
for (const change of ["cards:replaced", "page:swapped"]) addEventListener(change, fill);
document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "results" && fill());
fill();
