// The tray's requests to the server.

import { currentToken, explain, request } from "../request.js";

const STALL_TIMEOUT = 120_000;
const HEADERS = { accept: "application/json" };

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // The page of a proxy: its status says enough.
    return null;
  }
}

function readResponse(status, text) {
  const answer = parse(text);
  if (answer && (status < 400 || answer.results || answer.errors || answer.asset)) return answer;
  // A page where an answer should be is a proxy's.
  throw explain(status < 400 ? 502 : status, text);
}

function toFormData(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

export class Server {
  #urls;
  #person;

  constructor({ checkUrl, statusUrl, uploadUrl, partsUrl, importUrl, person }) {
    this.#urls = { check: checkUrl, status: statusUrl, upload: uploadUrl, parts: partsUrl, import: importUrl };
    this.#person = person;
  }

  // Which of these files the server has already, or refuses.
  check(files) {
    return this.#postJson(this.#urls.check, { files });
  }

  fetchStates(ids) {
    return this.#postJson(this.#urls.status, { ids });
  }

  retry(asset) {
    return this.#post(`${asset.page}retry/`, new FormData());
  }

  // Resolves to the asset after the change.
  edit(asset, fields) {
    return this.#post(asset.page, toFormData(fields));
  }

  // Has the server fetch a file; resolves to its result.
  async importUrl(url, fields, signal) {
    const options = { method: "POST", body: toFormData({ ...fields, urls: url }), headers: HEADERS, signal };
    const response = await request(this.#urls.import, options);
    const { results, errors } = readResponse(response.status, await response.text());
    return results[0] ?? { status: "refused", errors };
  }

  // Sends one file in parts; resolves to its result.
  async sendInParts(upload, fields, options) {
    const { sendInParts } = await import("./send-in-parts.js");
    return sendInParts(upload, fields, { ...options, url: this.#urls.parts, person: this.#person });
  }

  // Sends files, with the hashes that they had (empty if unknown); `progress(sent, total)` counts bytes of the body.
  async send(uploads, fields, { signal, progress }) {
    const form = toFormData(fields);
    for (const { sha256 } of uploads) form.append("sha256", sha256 || "");
    for (const { file } of uploads) form.append("files", file, file.name);
    const attempt = (token) => sendForm(this.#urls.upload, form, { token, signal, progress });
    const first = await attempt(await currentToken());
    // Refused before the file was read.
    const { status, responseText } = isStale(first) ? await attempt(await currentToken({ isStale: true })) : first;
    return readResponse(status, responseText);
  }

  #postJson(url, body) {
    return this.#post(url, JSON.stringify(body), { "content-type": "application/json" });
  }

  async #post(url, body, headers = {}) {
    const response = await request(url, { method: "POST", body, headers: { ...HEADERS, ...headers } });
    return readResponse(response.status, await response.text());
  }
}

function isStale(exchange) {
  return exchange.getResponseHeader("x-token-stale") !== null;
}

// Resolves to the exchange once there is an answer. fetch() does not report the progress of an upload.
function sendForm(url, form, { token, signal, progress }) {
  return new Promise((resolve, reject) => {
    const exchange = new XMLHttpRequest();
    const restartTimeout = abortWhenStalled(exchange);
    exchange.upload.addEventListener("progress", ({ loaded, total }) => {
      restartTimeout();
      progress(loaded, total);
    });
    exchange.addEventListener("loadend", () => (exchange.status ? resolve(exchange) : reject(explain(0))));
    signal.addEventListener("abort", () => exchange.abort(), { once: true });
    exchange.open("POST", url);
    for (const [name, value] of Object.entries({ ...HEADERS, "x-csrftoken": token })) exchange.setRequestHeader(name, value);
    exchange.send(form);
    restartTimeout();
  });
}

function abortWhenStalled(request) {
  let timeout;
  request.addEventListener("loadend", () => clearTimeout(timeout));
  return () => {
    clearTimeout(timeout);
    timeout = setTimeout(() => request.abort(), STALL_TIMEOUT);
  };
}
