// Sends a large file in parts, by the tus protocol: after a lost connection, a restarted server, a new sign-in or in
// another page, it goes on from the last byte that the server has.

import { currentToken, explain, requestOk } from "../request.js";

// Proxies that limit a request to 100 MB take it, and of so much, little is lost with a connection.
const PART_BYTES = 16_000_000;
// Moments in which a server is restarted, or a connection changes.
const RETRY_DELAYS = [0, 1000, 3000];

// Resolves to what became of the file, as the server’s answer to a form has it.
export async function sendInParts(upload, fields, { url, person, signal, progress }) {
  const { Upload: Sender } = await import("../vendor/tus.js");
  const options = {
    endpoint: url,
    uploadUrl: upload.partsUrl,
    chunkSize: PART_BYTES,
    retryDelays: RETRY_DELAYS,
    headers: { accept: "application/json" },
    metadata: { ...fields, filename: upload.file.name, sha256: upload.sha256 ?? "" },
    // Where the same content was begun before, by the same person in this browser.
    fingerprint: async () => (upload.sha256 ? `uploads-${person}-${upload.sha256}` : null),
    removeFingerprintOnSuccess: true,
    onBeforeRequest: async (request) => request.setHeader("x-csrftoken", await currentToken()),
    onProgress: progress,
    onChunkComplete: () => (upload.attempts = 0),
  };
  const sender = new Sender(upload.file, options);
  sender.options.onUploadUrlAvailable = () => (upload.partsUrl = sender.url);
  const [previous] = upload.partsUrl ? [] : await sender.findPreviousUploads();
  if (previous) sender.resumeFromPreviousUpload(previous);
  try {
    await run(sender, signal);
  } catch (error) {
    return await readRefusal(error);
  }
  return await fetchResult(sender.url);
}

function run(sender, signal) {
  return new Promise((resolve, reject) => {
    Object.assign(sender.options, { onSuccess: resolve, onError: reject });
    signal.addEventListener("abort", () => sender.abort(true).finally(() => reject(explain(0))), { once: true });
    sender.start();
  });
}

async function fetchResult(url) {
  const response = await requestOk(url, { headers: { accept: "application/json" } });
  return await response.json();
}

// What the server says of the file is its result. Anything else is thrown: another attempt may succeed.
async function readRefusal(error) {
  const response = error.originalResponse;
  if (!response) throw explain(0);
  if (response.getHeader("x-token-stale")) await currentToken({ isStale: true });
  const [status, text] = [response.getStatus(), response.getBody()];
  const { code, message } = readError(text);
  if ([400, 410, 413, 507].includes(status) && code) return { status: "refused", error: { code, message } };
  // Not of the protocol, or of another moment in it.
  throw explain([404, 409, 410, 423].includes(status) || response.getHeader("x-token-stale") ? 0 : status, text);
}

function readError(text) {
  try {
    return JSON.parse(text).error ?? {};
  } catch {
    return {};
  }
}
