// Requests to this site, with a token that fits; and what went wrong, in a sentence for the person. No caller decides that.
//
// The token changes when somebody signs in, in another tab too. If it is the same person, all forms of this page get the
// new one.

import { hasChanged, loaded, readCookie } from "./token.js";

const TOKEN = "[name=csrfmiddlewaretoken]";
const { person, url: sessionUrl } = document.querySelector("[name=session]").dataset;
// Where the server says nothing: mostly a proxy has answered in its place.
const SENTENCES = {
  0: "Can’t reach the server. Check that you’re online.",
  413: "A proxy rejects requests of this size. Tell an administrator.",
  429: "Too many requests. Wait a moment, then try again.",
  500: "The server has a problem. Try again later.",
  502: "The server is restarting. Try again in a few seconds.",
  503: "The server is restarting. Try again in a few seconds.",
  504: "The server takes too long to answer. Try again in a few seconds.",
};

// The page was loaded with this one.
let token = document.querySelector(TOKEN)?.value ?? "";

export class RequestError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }

  get isSignedOut() {
    return this.status === 401;
  }

  // Whatever else this person asks for will be refused too.
  get isForbidden() {
    return this.status === 403;
  }

  // The server works, but not for this request: others may go through meanwhile.
  get isAboutThisAlone() {
    return this.status === 500 || (this.status >= 400 && this.status < 500 && ![401, 403, 429].includes(this.status));
  }

  // The same request may succeed later.
  get canRetry() {
    return this.isSignedOut || !this.status || this.status === 429 || this.status >= 500;
  }
}

// Resolves to the response, whatever its status. Rejects with a RequestError where there is none, or no token for it.
export async function request(url, { headers = {}, ...options } = {}) {
  await renewIfChanged();
  const send = () => fetch(url, { ...options, headers: { ...headers, "x-csrftoken": token } });
  try {
    const response = await send();
    if (!isTokenStale(response)) return response;
    await renewToken();
    return await send();
  } catch (error) {
    throw error instanceof TypeError ? explain(0) : error;
  }
}

// Resolves to the response if it is no error.
export async function requestOk(url, options) {
  const response = await request(url, options);
  if (response.ok) return response;
  throw explain(response.status, await response.text());
}

// The error that an answer of this status and text is.
export function explain(status, text = "") {
  const known = status === 401 ? "You are signed out." : findSentence(text) ?? SENTENCES[status];
  const sentence = known ?? `The server answered with status ${status}.`;
  return new RequestError(sentence, status);
}

// For requests that report their progress, which fetch() does not.
export async function currentToken({ isStale = false } = {}) {
  await (isStale ? renewToken() : renewIfChanged());
  return token;
}

export function isTokenStale({ headers }) {
  return headers.has("x-token-stale");
}

// As JSON, or on an error page of this site.
function findSentence(text) {
  try {
    const { error, errors } = JSON.parse(text);
    return error?.message ?? formatErrors(errors);
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector("[data-reason]")?.textContent.trim();
  }
}

// `errors`: those of a form, by field.
export function formatErrors(errors) {
  return Object.entries(errors)
    .flatMap(([field, list]) => list.map(({ message }) => `${field}: ${message}`))
    .join(" ");
}

async function renewIfChanged() {
  if (hasChanged()) await renewToken();
}

export async function renewToken() {
  const response = await fetch(sessionUrl, { headers: { accept: "application/json" } }).catch(() => {
    throw explain(0);
  });
  const text = await response.text();
  if (!response.ok) throw explain(response.status, text);
  const session = JSON.parse(text);
  if (String(session.person) !== person) {
    throw new RequestError(`${session.username} has signed in in this browser. Reload the page.`, 403);
  }
  ({ token } = session);
  loaded.cookie = readCookie();
  for (const field of document.querySelectorAll(TOKEN)) field.value = field.defaultValue = token;
}
