// New entries in the library that is being looked at: whole and newest first, it shows what has just been received.

const PAUSE = 500;
let timer;

document.addEventListener("upload:received", () => (timer ??= setTimeout(show, PAUSE)));

function isWhole() {
  const asked = new URLSearchParams(location.search);
  return !["q", "sort", "after"].some((name) => asked.get(name));
}

async function show() {
  timer = undefined;
  const page = document.createElement("template");
  const { arrivals } = document.querySelector("[data-arrivals]")?.dataset ?? {};
  if (!arrivals || !isWhole()) return;
  try {
    const answer = await fetch(arrivals, { headers: { "hx-request": "true", "hx-target": "results" } });
    if (!answer.ok || answer.redirected) return;
    page.innerHTML = await answer.text();
  } catch {
    // The tray says that the server is away.
    return;
  }
  const results = document.querySelector("[data-arrivals]");
  if (results && isWhole()) place(page.content, results);
}

// What is selected, focused and scrolled to stays; only where nothing is known of what comes, all of it is put anew.
function place(found, results) {
  const cards = [...found.querySelectorAll("[data-cards] > [data-asset]")];
  const known = cards.findIndex((card) => document.getElementById(card.id));
  if (known < 0) results.replaceChildren(...found.children);
  else {
    results.querySelector("[data-cards]").prepend(...cards.slice(0, known));
    document.getElementById("refresher").replaceWith(found.querySelector("#refresher"));
  }
  window.htmx.process(results);
}
