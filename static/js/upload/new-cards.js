// Shows new assets at the top of the library as they are received, unless it is searched or sorted otherwise.

const PAUSE = 500;
let timer;

document.addEventListener("upload:received", () => (timer ??= setTimeout(showNewCards, PAUSE)));

function findResults() {
  const query = new URLSearchParams(location.search);
  const isNewestFirst = !["q", "sort", "after"].some((name) => query.get(name));
  return isNewestFirst ? document.querySelector("[data-library-url]") : null;
}

async function showNewCards() {
  timer = undefined;
  const url = findResults()?.dataset.libraryUrl;
  const page = url && (await fetchResults(url));
  // Meanwhile, the person may have gone elsewhere.
  const results = findResults();
  if (page && results) update(results, page);
}

async function fetchResults(url) {
  try {
    const response = await fetch(url, { headers: { "hx-request": "true", "hx-target": "results" } });
    if (!response.ok || response.redirected) return null;
    const page = document.createElement("template");
    page.innerHTML = await response.text();
    return page.content;
  } catch {
    // The tray says that the server is away.
    return null;
  }
}

// Adds only the new cards, so that the selection, the focus and the scroll position stay. Where none of the cards is on
// the page yet, such as in an empty library, everything is replaced.
function update(results, page) {
  const cards = [...page.querySelectorAll("[data-cards] > [data-asset]")];
  const firstKnown = cards.findIndex((card) => document.getElementById(card.id));
  if (firstKnown < 0) results.replaceChildren(...page.children);
  else {
    results.querySelector("[data-cards]").prepend(...cards.slice(0, firstKnown));
    document.getElementById("refresher").replaceWith(page.querySelector("#refresher"));
  }
  window.htmx.process(results);
}
