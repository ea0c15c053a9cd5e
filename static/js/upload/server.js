// The tray's requests to the server.

const STALL_TIMEOUT = 120_000;

// `canRetry`: the same request may succeed later; `isSignedOut`, `isTokenStale`: after signing in, or with a new token.
class ServerError extends Error {
  constructor(message, { canRetry = false, isSignedOut = false, isTokenStale = false } = {}) {
    super(message);
    Object.assign(this, { canRetry, isSignedOut, isTokenStale });
  }
}

function unreachable() {
  return new ServerError("Can’t reach the server.", { canRetry: true });
}

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
  if (answer && (status < 400 || answer.results || answer.errors)) return answer;
  throw errorFor(status, answer);
}

function errorFor(status, answer) {
  if (status === 401) return new ServerError("You are signed out.", { canRetry: true, isSignedOut: true });
  if (status === 403) return new ServerError("Your session has changed.", { canRetry: true, isTokenStale: true });
  if (status === 413 && !answer) return new ServerError("A proxy rejects files of this size. Tell an administrator.");
  if (status >= 500 || status === 429 || status < 400) {
    return new ServerError("The server has a problem.", { canRetry: true });
  }
  return new ServerError(answer?.error?.message ?? `The server answered with status ${status}.`);
}

function toFormData(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

export class Server {
  #urls;
  #token;

  // `token` is the one against cross-site requests.
  constructor({ trayUrl, checkUrl, statusUrl, uploadUrl, token }) {
    this.#urls = { tray: trayUrl, check: checkUrl, status: statusUrl, upload: uploadUrl };
    this.#token = token;
  }

  // The token changes when the person signs in again, in another tab.
  async renewToken() {
    const page = await (await fetch(this.#urls.tray)).text();
    const tray = new DOMParser().parseFromString(page, "text/html").querySelector("[data-token]");
    if (tray) this.#token = tray.dataset.token;
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

  // Uploads one file, with the hash that it had (empty if unknown); `progress(sent, total)` counts bytes of the body.
  send(file, sha256, fields, { signal, progress }) {
    const form = toFormData({ ...fields, sha256 });
    form.set("files", file, file.name);
    return new Promise((resolve, reject) => {
      // fetch() does not report the progress of an upload.
      const request = new XMLHttpRequest();
      const restartTimeout = abortWhenStalled(request);
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        restartTimeout();
        progress(loaded, total);
      });
      request.addEventListener("loadend", () => settle(request, resolve, reject));
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.open("POST", this.#urls.upload);
      for (const [name, value] of Object.entries(this.#headers)) request.setRequestHeader(name, value);
      request.send(form);
      restartTimeout();
    });
  }

  get #headers() {
    return { accept: "application/json", "x-csrftoken": this.#token };
  }

  #postJson(url, body) {
    return this.#post(url, JSON.stringify(body), { "content-type": "application/json" });
  }

  async #post(url, body, headers = {}) {
    let status, text;
    try {
      const response = await fetch(url, { method: "POST", body, headers: { ...this.#headers, ...headers } });
      [status, text] = [response.status, await response.text()];
    } catch {
      throw unreachable();
    }
    return readResponse(status, text);
  }
}

function abortWhenStalled(request) {
  let timeout;
  request.addEventListener("loadend", () => clearTimeout(timeout));
  return () => {
    clearTimeout(timeout);
    timeout = setTimeout(() => request.abort(), STALL_TIMEOUT);
  };
}

function settle(request, resolve, reject) {
  if (!request.status) {
    reject(unreachable());
    return;
  }
  try {
    resolve(readResponse(request.status, request.responseText));
  } catch (error) {
    reject(error);
  }
}
