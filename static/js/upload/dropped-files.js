// Reads dropped or selected files and folders. Yields them in chunks, so that the first are shown while a large folder
// is still being read.

const SYSTEM_FILE = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.localized|__MACOSX)$/i;
const CHUNK = 25;

function isHidden(name, isInFolder) {
  return SYSTEM_FILE.test(name) || (isInFolder && name.startsWith("."));
}

// `items`: [{entry, file}]; `entry` is the browser's FileSystemEntry. Yields lists of {file, folder}.
// `skip(reason, name)` is called for what is left out: "hidden", "empty" or "unreadable".
export async function* readItems(items, { isPasted = false, skip }) {
  const files = readFiles(items, { isPasted, skip });
  if (files.length) yield files;
  for (const { entry } of items) {
    if (entry?.isDirectory) yield* readFolder(entry, "", skip);
  }
}

function readFiles(items, { isPasted, skip }) {
  const files = [];
  for (const { entry, file } of items) {
    if (entry?.isDirectory || !file) continue;
    // The files of a folder that was selected in a dialog know their path.
    const folder = file.webkitRelativePath?.split("/").slice(0, -1).join("/") ?? "";
    if (isHidden(file.name, folder !== "")) skip("hidden", file.name);
    else files.push({ file: isPasted ? withPastedName(file) : file, folder });
  }
  return files;
}

// Browsers name every pasted image image.png.
function withPastedName(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  const name = `Pasted ${now.slice(0, 10)} at ${now.slice(11, 19).replaceAll(":", ".")}`;
  return new File([file], `${name}.${file.name.split(".").pop()}`, { type: file.type });
}

async function* readFolder(entry, parent, skip) {
  const path = parent ? `${parent}/${entry.name}` : entry.name;
  const folders = [];
  let isEmpty = true;
  try {
    for await (const children of readChildren(entry)) {
      isEmpty = false;
      const visible = withoutHidden(children, skip);
      folders.push(...visible.filter((child) => child.isDirectory));
      for await (const files of openFiles(visible.filter((child) => child.isFile), skip)) {
        if (files.length) yield files.map((file) => ({ file, folder: path }));
      }
    }
  } catch {
    skip("unreadable", path);
  }
  for (const folder of folders) yield* readFolder(folder, path, skip);
  if (isEmpty) skip("empty", path);
}

// The browser lists a folder a hundred entries at a time, until none is left.
async function* readChildren(folder) {
  const reader = folder.createReader();
  for (;;) {
    const children = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!children.length) return;
    yield children;
  }
}

function withoutHidden(children, skip) {
  const hidden = children.filter(({ name }) => isHidden(name, true));
  for (const { name } of hidden) skip("hidden", name);
  return children.filter((child) => !hidden.includes(child));
}

// In chunks with a break in between: opening hundreds of files at once blocks the page.
async function* openFiles(entries, skip) {
  for (let start = 0; start < entries.length; start += CHUNK) {
    const chunk = entries.slice(start, start + CHUNK);
    const opened = await Promise.allSettled(chunk.map(openFile));
    opened.forEach(({ status }, index) => status === "rejected" && skip("unreadable", chunk[index].name));
    yield opened.filter(({ value }) => value).map(({ value }) => value);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function openFile(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
