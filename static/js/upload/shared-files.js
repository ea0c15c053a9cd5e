// Files that a phone has shared with the library, on the upload page: the service worker has kept them.
//
// In the installed app they start at once. In a tab of the browser, another site may have sent them, so the person is
// asked first.

import { formatCount, visibleName } from "./format.js";
import { openTray } from "./start.js";

const MAX_AGE = 3_600_000; // milliseconds
const MAX_NAMES = 3;
const notice = () => document.querySelector("[data-shared-files]");

export async function takeSharedFiles() {
  const { searchParams } = new URL(location.href);
  if (!searchParams.has("shared") || !globalThis.caches) return;
  history.replaceState(history.state, "", location.pathname);
  const mailbox = await caches.open(`shared-files ${location.pathname}shared/`);
  const keys = await mailbox.keys();
  const files = await Promise.all(keys.filter(isRecent).map(async (key) => toFile(await mailbox.match(key))));
  const empty = () => Promise.all(keys.map((key) => mailbox.delete(key)));
  if (searchParams.get("shared") === "failed" || !files.length) show("The shared files could not be read. Share them once more.");
  else if (matchMedia("(display-mode: standalone)").matches) await upload(files, empty);
  else ask(files, empty);
}

// Sharing and forgetting, or signing in only the next day, uploads nothing unexpected.
function isRecent({ url }) {
  return Date.now() - Number(url.split("/").at(-2)) < MAX_AGE;
}

async function toFile(response) {
  const type = response.headers.get("content-type");
  return new File([await response.blob()], decodeURIComponent(response.headers.get("x-file-name")), { type });
}

async function upload(files, empty) {
  const tray = await openTray();
  if (!tray) return;
  tray.add(files.map((file) => ({ file })));
  await empty();
}

function show(text) {
  notice().hidden = false;
  notice().querySelector("[data-shared-text]").textContent = text;
}

function ask(files, empty) {
  const names = files.slice(0, MAX_NAMES).map(({ name }) => visibleName(name)).join(", ");
  show(`${formatCount(files.length, "file")} shared with the library: ${names}${files.length > MAX_NAMES ? " …" : ""}`);
  const [take, drop] = notice().querySelectorAll("button");
  for (const button of [take, drop]) button.hidden = false;
  take.addEventListener("click", () => upload(files, empty));
  drop.addEventListener("click", empty);
  for (const button of [take, drop]) button.addEventListener("click", () => (notice().hidden = true));
  take.focus();
}
