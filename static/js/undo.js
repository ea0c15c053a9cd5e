// Takes back a change. Dispatches `assets:changed` on the window; a page that shows no list is loaded again.

import { post } from "./post.js";
import { currentToken } from "./request.js";

// Resolves to a message, and the URL of what was undone, if they are not on a new page.
export async function undo(url) {
  if (!document.getElementById("results")) return submit(url);
  const { message, restored, undone } = await (await post(url)).json();
  if (restored) dispatchEvent(new CustomEvent("assets:changed", { detail: { undone } }));
  return { message, undone };
}

async function submit(url) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: url, hidden: true });
  const values = { csrfmiddlewaretoken: await currentToken(), next: location.pathname + location.search };
  for (const [name, value] of Object.entries(values)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.requestSubmit();
}
