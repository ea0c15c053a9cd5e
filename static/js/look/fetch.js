// What the server says of an asset for the quick look, and that of its neighbours before it is asked for.

import { explain, requestOk } from "../request.js";
import { titleOf } from "./cards.js";

// Promises by URL. Each is used once, since an asset may have changed by the next time.
const prefetched = new Map();
const MAX_PREFETCHED = 4;

// The part of a link to the asset's page that names the list.
const urlOf = (card) => `${card.dataset.asset}look/${new URL(titleOf(card).href).search}`;

// Resolves to the nodes, in a document of their own. Rejects with a RequestError.
export function fetchLook(card) {
  const url = urlOf(card);
  const look = prefetched.get(url) ?? load(url);
  prefetched.delete(url);
  return look;
}

export function forget(card) {
  prefetched.delete(urlOf(card));
}

export async function prefetch(card, { withOriginal = false } = {}) {
  const url = urlOf(card);
  if (prefetched.has(url)) return;
  const look = load(url);
  prefetched.set(url, look);
  if (prefetched.size > MAX_PREFETCHED) prefetched.delete(prefetched.keys().next().value);
  const content = await look.catch(() => prefetched.delete(url));
  if (!content?.querySelectorAll || navigator.connection?.saveData) return;
  const pictures = withOriginal ? ".stage img:not([data-large])" : ".stage [data-zoom-preview]";
  for (const { src } of content.querySelectorAll(pictures)) new Image().src = src;
}

async function load(url) {
  const response = await requestOk(url, { headers: { accept: "text/html" } });
  // To the page that signs in.
  if (response.redirected) throw explain(401);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
}
