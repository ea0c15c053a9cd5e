// Hashes files beside the page: small ones at once by WebCrypto where the browser has it (not on plain http), others
// piece by piece, in the same few megabytes whatever their size.

import { sha256 } from "../vendor/noble-sha256.js";

const AT_ONCE = 64_000_000;
const PIECE = 4_000_000;
const cancelled = new Set();

async function piecewise(file, id) {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE) {
    if (cancelled.has(id)) return null;
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    postMessage({ id, done: Math.min(1, (at + PIECE) / file.size) });
  }
  return hash.digest();
}

async function digest(file, id) {
  if (!self.crypto?.subtle || file.size > AT_ONCE) return piecewise(file, id);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}

addEventListener("message", async ({ data: { id, file } }) => {
  if (!file) {
    cancelled.add(id);
    return;
  }
  try {
    const found = await digest(file, id);
    const hex = found && Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
    postMessage({ id, sha256: hex });
  } catch {
    postMessage({ id, unreadable: true });
  }
});
