// Sends what stands behind the # of a password link, and takes it out of the address bar and the history.

const form = document.querySelector("[data-open-link]");

function open() {
  const secret = location.hash.slice(1);
  if (!secret) return;
  history.replaceState(null, "", location.pathname);
  form.elements.link.value = secret;
  form.submit();
}

addEventListener("hashchange", open);
open();
