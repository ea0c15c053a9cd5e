// Everything the tray says to the server, and the troubles on the way.

const STALLED = 120_000;

// `again`: the same may succeed later by itself; `isSignedOut`, `isStale`: after signing in, or with a new token.
export class Trouble extends Error {
  constructor(message, { again = false, isSignedOut = false, isStale = false } = {}) {
    super(message);
    Object.assign(this, { again, isSignedOut, isStale });
  }
}

// What is wrong with the fields of a form.
export function sentences(errors) {
  return Object.entries(errors)
    .flatMap(([field, found]) => found.map(({ message }) => `${field}: ${message}`))
    .join(" ");
}

function unreachable() {
  return new Trouble("The server cannot be reached.", { again: true });
}

function read(status, text) {
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // A proxy's page; its status says enough.
  }
  if (answer && (status < 400 || answer.results || answer.errors)) return answer;
  if (status === 401) throw new Trouble("You are signed out.", { again: true, isSignedOut: true });
  if (status === 403) throw new Trouble("Your session has changed.", { again: true, isStale: true });
  if (status === 413) {
    throw new Trouble("A server in between does not let a file of this size pass. Tell an administrator.");
  }
  if (status >= 500 || status === 429 || status < 400) throw new Trouble("The server has a problem.", { again: true });
  throw new Trouble(answer?.error?.message ?? `The server answered with status ${status}.`);
}

export class Server {
  #at;

  // `at`: the addresses and the token, from the tray's `data-*`.
  constructor(at) {
    this.#at = at;
  }

  // A new token, after a sign-in elsewhere.
  async renew() {
    const page = await (await fetch(this.#at.tray)).text();
    const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-token]");
    if (fresh) this.#at.token = fresh.dataset.token;
  }

  announce(files) {
    return this.#post(this.#at.known, { files });
  }

  states(ids) {
    return this.#post(this.#at.states, { ids });
  }

  retry(asset) {
    return this.#fetch(`${asset.page}retry/`, new FormData());
  }

  // The entry as it is after a change of some of its fields.
  edit(asset, fields) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return this.#fetch(asset.page, form);
  }

  // Sends one file with its fields; `progress(sent, total)` counts bytes of the body. Resolves to its result.
  send(file, fields, { signal, progress }) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set("files", file, file.name);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let stalled;
      const watch = () => {
        clearTimeout(stalled);
        stalled = setTimeout(() => request.abort(), STALLED);
      };
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        watch();
        progress(loaded, total);
      });
      request.addEventListener("loadend", () => {
        clearTimeout(stalled);
        if (!request.status) return reject(unreachable());
        try {
          resolve(read(request.status, request.responseText));
        } catch (trouble) {
          reject(trouble);
        }
      });
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.open("POST", this.#at.send);
      for (const [name, value] of Object.entries(this.#headers)) request.setRequestHeader(name, value);
      request.send(form);
      watch();
    });
  }

  get #headers() {
    return { accept: "application/json", "x-csrftoken": this.#at.token };
  }

  #post(address, body) {
    return this.#fetch(address, JSON.stringify(body), { "content-type": "application/json" });
  }

  async #fetch(address, body, headers = {}) {
    let status, text;
    try {
      const response = await fetch(address, { method: "POST", body, headers: { ...this.#headers, ...headers } });
      [status, text] = [response.status, await response.text()];
    } catch {
      throw unreachable();
    }
    return read(status, text);
  }
}
