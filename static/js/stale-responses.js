// Drops what a late htmx response brings for elements that have left the page. htmx would log an error for each.

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  // On the target itself: once it has left the page, its events no longer reach the document.
  detail.target.addEventListener("htmx:beforeSwap", dropStaleParts);
});

function dropStaleParts(event) {
  const { detail } = event;
  if (!detail.target.isConnected) event.preventDefault();
  else if (detail.serverResponse.includes("hx-swap-oob")) detail.serverResponse = withoutOrphans(detail.serverResponse);
}

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
  for (const { content } of fragment.querySelectorAll("template")) removeOrphans(content);
}
