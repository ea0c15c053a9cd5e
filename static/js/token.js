// Whose token the page was loaded with: the cookie changes with it.
export const loaded = { cookie: readCookie() };

export function readCookie() {
  return document.cookie.split("; ").find((pair) => pair.split("=")[0].endsWith("csrftoken"));
}

export const hasChanged = () => readCookie() !== loaded.cookie;
