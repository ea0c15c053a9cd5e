// Says what went wrong with what a person asked htmx for; what a page refreshes by itself fails silently. Forms that are
// sent after somebody has signed in again get the new token first.

import { hasChanged, loaded, readCookie } from "./token.js";
import { toastError } from "./toast.js";

const loadRequest = () => import("./request.js");
const isAskedFor = ({ requestConfig }) => requestConfig.verb !== "get";

// Before the fields of the form are read.
document.addEventListener("htmx:confirm", (event) => {
  const { verb, issueRequest } = event.detail;
  if (verb === "get") return;
  event.preventDefault();
  loadRequest()
    .then(({ currentToken }) => currentToken())
    .then(() => issueRequest(), toastError);
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (isAskedFor(detail)) say(detail.xhr.status, detail.xhr.responseText);
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  if (isAskedFor(detail)) say(0);
});

async function say(...answer) {
  const { explain } = await loadRequest();
  toastError(explain(...answer));
}

// A form that the browser sends, or htmx, before anybody else sees the event.
window.addEventListener("submit", holdWhileRenewing, true);

async function holdWhileRenewing(event) {
  const { target: form, submitter } = event;
  if (form.method !== "post" || !hasChanged()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { renewToken } = await loadRequest();
  // The server says on a page what is wrong, and keeps the words.
  await renewToken().catch(() => (loaded.cookie = readCookie()));
  form.requestSubmit(submitter);
}
