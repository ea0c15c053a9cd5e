// What was dropped or chosen, as files with the folder each came from. Yields in pieces, so that the first are
// shown while a large folder is still being read.

const SYSTEM = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.localized|__MACOSX)$/i;

const FEW = 25;

function isHidden(name, isInFolder) {
  return SYSTEM.test(name) || (isInFolder && name.startsWith("."));
}

// The browser hands over the content of a folder a hundred at a time, until nothing is left.
async function* children(folder) {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    yield some;
  }
}

// A few at a time, with a breath in between: the browser hands out hundreds of files in one long task otherwise.
async function* opened(entries, skip) {
  for (let at = 0; at < entries.length; at += FEW) {
    const some = entries.slice(at, at + FEW);
    const read = await Promise.allSettled(some.map((entry) => new Promise((ok, no) => entry.file(ok, no))));
    read.forEach(({ status }, number) => status === "rejected" && skip("unreadable", some[number].name));
    yield read.filter(({ value }) => value).map(({ value }) => value);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function* walked(entry, path, skip) {
  const own = path ? `${path}/${entry.name}` : entry.name;
  const folders = [];
  let isEmpty = true;
  try {
    for await (const some of children(entry)) {
      isEmpty = false;
      for (const child of some) if (isHidden(child.name, true)) skip("hidden", child.name);
      const shown = some.filter((child) => !isHidden(child.name, true));
      folders.push(...shown.filter((child) => child.isDirectory));
      for await (const files of opened(shown.filter((child) => child.isFile), skip)) {
        if (files.length) yield files.map((file) => ({ file, folder: own }));
      }
    }
  } catch {
    skip("unreadable", own);
  }
  for (const folder of folders) yield* walked(folder, own, skip);
  if (isEmpty) skip("empty", own);
}

function named(file, pasted) {
  // Every pasted picture is called image.png.
  if (!pasted || !/^image\.\w+$/.test(file.name)) return file;
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  const name = `Pasted ${now.slice(0, 10)} at ${now.slice(11, 19).replaceAll(":", ".")}`;
  return new File([file], `${name}.${file.name.split(".").pop()}`, { type: file.type });
}

// `found`: [{entry, file}]; `skip(why, name)` is told what is left out: hidden, empty or unreadable.
export async function* files(found, { pasted = false, skip }) {
  const single = [];
  for (const { entry, file } of found) {
    if (entry?.isDirectory || !file) continue;
    // A folder chosen in a dialog comes as files that know their path.
    const folder = file.webkitRelativePath?.split("/").slice(0, -1).join("/") ?? "";
    if (isHidden(file.name, folder !== "")) skip("hidden", file.name);
    else single.push({ file: named(file, pasted), folder });
  }
  if (single.length) yield single;
  for (const { entry } of found) {
    if (entry?.isDirectory) yield* walked(entry, "", skip);
  }
}
