// Copies a set as it is at this moment: the URLs of files that were uploaded again are the new ones.

import { copyText } from "../copy.js";
import { requestOk } from "../request.js";
import { toast, toastError } from "../toast.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copy-set]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const { text } = await (await requestOk(link.href, { headers: { accept: "application/json" } })).json();
    if (await copyText(text)) toast(`${link.textContent.trim().replace("Copy ", "")} copied`);
  } catch (error) {
    if (error.status) toastError(error);
    else location.assign(link.href);
  }
});
