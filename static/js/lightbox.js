// Shows what stands on the pages of links, one at a time, over this page.

const pages = new Map();
let dialog;
let source;
let current;

const ICONS = { previous: "M14.5 6l-6 6 6 6", next: "M9.5 6l6 6-6 6", close: "M6 6l12 12M18 6L6 18" };

function button(name, label, onClick) {
  const element = Object.assign(document.createElement("button"), { type: "button", className: "button button-icon" });
  element.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  element.setAttribute("aria-label", label);
  element.title = label;
  element.dataset[`lightbox${name[0].toUpperCase()}${name.slice(1)}`] = "";
  element.addEventListener("click", onClick);
  return element;
}

function build() {
  dialog = Object.assign(document.createElement("dialog"), { className: "lightbox", tabIndex: -1 });
  const content = Object.assign(document.createElement("div"), { className: "lightbox-content" });
  const bar = Object.assign(document.createElement("div"), { className: "lightbox-bar" });
  const place = document.createElement("span");
  place.dataset.lightboxPlace = "";
  place.setAttribute("aria-live", "polite");
  bar.append(
    button("previous", "Previous", () => step(-1)),
    place,
    button("next", "Next", () => step(1)),
    button("close", "Close", () => dialog.close()),
  );
  dialog.append(content, bar);
  dialog.addEventListener("close", () => {
    content.replaceChildren();
    current.focus();
  });
  dialog.addEventListener("keydown", press);
  document.body.append(dialog);
}

function press(event) {
  const isTaken = event.ctrlKey || event.metaKey || event.altKey || event.target.matches("video, audio");
  if (isTaken) return;
  if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
  else if (event.key === "c") dialog.querySelector("[data-copy]")?.click();
  else return;
  event.preventDefault();
}

async function step(by) {
  let links = source.findLinks();
  const index = links.indexOf(current) + by;
  if (index === links.length) {
    await source.loadMore();
    links = source.findLinks();
  }
  if (links[index]) await show(links[index]);
}

function load(link) {
  if (!pages.has(link.href)) pages.set(link.href, source.fetchPage(link.href));
  return pages.get(link.href);
}

// So that the next arrow shows it at once.
async function loadAhead(link) {
  const page = link && (await load(link).catch(() => null));
  const image = page?.querySelector("[data-stage] > img");
  if (image) new Image().src = image.src;
}

async function show(link) {
  current = link;
  let page;
  try {
    page = await load(link);
  } catch {
    // What there is to say about it, its own page says.
    location.assign(link.href);
    return;
  }
  // Somebody has gone on in the meantime.
  if (current !== link || !dialog.open) return;
  const links = source.findLinks();
  const index = links.indexOf(link);
  const heading = page.querySelector("[data-caption] h1");
  heading.id = "lightbox-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.querySelector(".lightbox-content").replaceChildren(
    ...Array.from(page.querySelectorAll("[data-stage], [data-caption]"), (part) => document.importNode(part, true)),
  );
  dialog.querySelector("[data-lightbox-place]").textContent = `${index + 1} of ${links.length}`;
  dialog.querySelector("[data-lightbox-previous]").disabled = index === 0;
  link.scrollIntoView({ block: "nearest" });
  // A button that is disabled hears no key.
  if (!dialog.querySelector(":focus:enabled, a:focus")) dialog.focus();
  loadAhead(links[index + 1]);
}

// `tools`: `findLinks()`, the links in their order; `fetchPage(url)`; `loadMore()`, which may add links at the end.
export function openLightbox(link, tools) {
  source = tools;
  if (!dialog) build();
  if (!dialog.open) dialog.showModal();
  show(link);
}
