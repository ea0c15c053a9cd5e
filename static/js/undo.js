// Takes back a change. Dispatches `assets:changed` on the window; a page that shows no list is loaded again.

import { post } from "./post.js";
import { currentToken } from "./request.js";

// Without a URL, whatever the person did last. Resolves to a message, if it is not on a new page.
export async function undo(url) {
  if (!document.getElementById("results")) return submit(url);
  const { message, restored } = await (await post(url)).json();
  if (restored) dispatchEvent(new CustomEvent("assets:changed", { detail: { undone: url } }));
  return message;
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
