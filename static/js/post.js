import { requestOk } from "./request.js";

// Sends values to this site as a form. Rejects with a RequestError.
export function post(url, values = {}) {
  return requestOk(url, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { accept: "application/json" },
    keepalive: true,
  });
}
