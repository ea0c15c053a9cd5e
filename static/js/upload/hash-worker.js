// Hashes files off the main thread. A message {id, file} starts a job, {id} cancels it.
//
// Small files go through WebCrypto, which takes a whole file and needs https. Others are hashed in chunks, so that the
// memory used doesn't grow with them.

import { sha256 } from "../vendor/noble-sha256.js";

const MAX_WEBCRYPTO_BYTES = 64_000_000;
const CHUNK_BYTES = 4_000_000;
const cancelled = new Set();

async function digestChunks(file, id) {
  const hash = sha256.create();
  for (let start = 0; start < file.size; start += CHUNK_BYTES) {
    if (cancelled.has(id)) return null;
    hash.update(new Uint8Array(await file.slice(start, start + CHUNK_BYTES).arrayBuffer()));
    postMessage({ id, done: Math.min(1, (start + CHUNK_BYTES) / file.size) });
  }
  return hash.digest();
}

async function digest(file, id) {
  if (!self.crypto?.subtle || file.size > MAX_WEBCRYPTO_BYTES) return digestChunks(file, id);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

addEventListener("message", async ({ data: { id, file } }) => {
  if (!file) {
    cancelled.add(id);
    return;
  }
  try {
    const bytes = await digest(file, id);
    postMessage({ id, sha256: bytes && toHex(bytes) });
  } catch {
    postMessage({ id, isUnreadable: true });
  }
});
