// Asks the server about files before they are uploaded: which it has already, and which it would refuse.

import { readHead } from "./head.js";

const MAX_FILES = 50;
const MAX_HEADS = 20;

// Checks the first of these uploads, as many as fit into one request. `underway()`: those that are being sent. Resolves
// to those that were checked; rejects with the server's error.
export async function checkNext(uploads, underway, { server, limits }) {
  const { checked, files } = await describeAll(selectNext(uploads, limits), limits);
  if (!files.length) return [];
  try {
    const { results } = await server.check(files);
    checked.forEach((upload, index) => applyResult(upload, results[index], underway));
  } catch (error) {
    for (const upload of checked) undoCheck(upload, error, checked.length > 1);
    throw error;
  }
  return checked;
}

// One that was in a request that failed is asked for alone, after the others.
function selectNext(uploads, limits) {
  let heads = 0;
  const together = uploads.filter((upload) => !upload.isCheckedAlone);
  const due = together.length ? together.slice(0, MAX_FILES) : uploads.slice(0, 1);
  const end = due.findIndex((upload) => needsHead(upload, limits) && ++heads > MAX_HEADS);
  return end < 0 ? due : due.slice(0, end);
}

// The first bytes tell a file's type. A file hardly larger is judged as quickly by uploading it.
function needsHead({ size }, { maxBytes, headBytes }) {
  return size <= maxBytes && size > 4 * headBytes;
}

async function describeAll(due, limits) {
  const [checked, files] = [[], []];
  for (const upload of due) {
    upload.setState("checking");
    try {
      files.push(await describe(upload, limits));
      checked.push(upload);
    } catch {
      upload.failUnreadable();
    }
  }
  return { checked, files };
}

// Rejects where the browser can no longer read the file.
async function describe(upload, limits) {
  const head = needsHead(upload, limits) ? await readBase64(await readHead(upload.file, limits.headBytes)) : "";
  upload.checkedMetadata = upload.metadata;
  const { checkedMetadata, name, size, sha256 } = upload;
  return { ...checkedMetadata, file_name: wellFormed(name), size, sha256: sha256 || "", head };
}

// Windows has file names with half a character, which no JSON can carry.
function wellFormed(name) {
  return name.toWellFormed?.() ?? name;
}

function readBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function applyResult(upload, result, underway) {
  // Cancelled in the meantime; but what has become an asset is one.
  if (upload.state !== "checking" && result.status !== "known") return;
  if (result.status !== "unknown") {
    upload.settle(result, upload.checkedMetadata);
    return;
  }
  const original = findOriginal(upload, underway);
  upload.setState(original ? "duplicate" : "queued", { original });
}

// An upload of the same content that is on its way.
function findOriginal({ sha256 }, underway) {
  return sha256 ? underway().find((other) => other.sha256 === sha256) : undefined;
}

function undoCheck(upload, error, wasTogether) {
  const isBlamed = error.isAboutThisAlone && !wasTogether;
  if (error.isAboutThisAlone) upload.isCheckedAlone = true;
  if (upload.state !== "checking") return;
  if (isBlamed) upload.retryOrFail(error);
  else if (error.canRetry || error.isAboutThisAlone) upload.setState("unchecked");
  else upload.fail(error.message);
}
