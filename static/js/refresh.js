// Refreshes of unfinished assets. Only what differs is changed, so that what somebody has selected, focused or opened
// meanwhile stays, and a click in progress is one. What has left the page is dropped: htmx would log an error for each.

let morph = null;
// What only the person changes.
const OWN_STATE = ["checked", "open"];

export async function loadMorph() {
  const { Idiomorph } = await import("./vendor/idiomorph.js");
  const callbacks = { beforeAttributeUpdated: (name) => !OWN_STATE.includes(name), beforeNodeMorphed: keepTotal };
  morph = (element, fresh, morphStyle = "outerHTML") => Idiomorph.morph(element, fresh, { callbacks, morphStyle });
}

// A number that comes after the page stays until the next one is there.
function keepTotal(element, fresh) {
  const isKept = element.matches?.(".total") && fresh.matches?.(".total[hx-get]");
  const place = { target: element, swap: "innerHTML" };
  if (isKept) window.htmx.ajax("GET", fresh.getAttribute("hx-get"), place).catch(() => {});
  return !isKept;
}

// Makes the content of an element that of another one.
export async function morphInside(element, fresh) {
  await loadMorph().catch(() => {});
  if (morph) morph(element, fresh.children, "innerHTML");
  else element.replaceChildren(...fresh.children);
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (!morph) return;
  detail.shouldSwap = false;
  morph(detail.target, detail.fragment.firstElementChild);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.serverResponse.includes("hx-swap-oob")) detail.serverResponse = withoutOrphans(detail.serverResponse);
});

// Once a target has left the page, its events no longer reach the document.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  detail.target.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.target.isConnected) event.preventDefault();
  });
});

function withoutOrphans(html) {
  const response = document.createElement("template");
  response.innerHTML = html;
  removeOrphans(response.content);
  return response.innerHTML;
}

function removeOrphans(fragment) {
  for (const part of fragment.querySelectorAll("[hx-swap-oob]")) {
    if (!document.getElementById(part.id)) part.remove();
  }
  // Table rows come wrapped in templates.
  for (const template of fragment.querySelectorAll("template")) {
    removeOrphans(template.content);
    if (!template.content.firstElementChild) template.remove();
  }
}
