// Navigation while files are being uploaded. Leaving the page would end the uploads, so links and forms replace its
// content instead. With nothing to upload, they are left to the browser.
//
// Dispatches `page:leaving` on the window before the content goes, and `page:swapped` once there is new content. The scripts of the new page are loaded too.

import { loadStyle } from "./load-style.js";

const CONTENT = ["header.header", "main"];
const ROOT = document.documentElement.dataset.root;
const OTHER_PAGES = /^(admin|sandbox|accounts\/log)|\/original\//;

// Null for another site or application, and for pages that are not built like this one.
function toPageUrl(href) {
  const url = new URL(href, location.href);
  const isOurs = url.origin === location.origin && url.pathname.startsWith(ROOT);
  return isOurs && !OTHER_PAGES.test(url.pathname.slice(ROOT.length)) ? url : null;
}

function withoutHash(href) {
  return href.split("#")[0];
}

function isPlainClick(event) {
  const hasModifier = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return event.button === 0 && !hasModifier && !event.defaultPrevented;
}

export class Navigation {
  #queue;
  #onArrival;
  #shownUrl = location.href;
  #hasSwapped = false;

  // `onArrival` is called after the content was replaced.
  constructor({ queue, onArrival }) {
    [this.#queue, this.#onArrival] = [queue, onArrival];
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("htmx:beforeOnLoad", (event) => this.#stay(event));
    addEventListener("popstate", (event) => this.#goBack(event), true);
  }

  #click(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || !isPlainClick(event) || link.target || link.hasAttribute("download")) return;
    const url = toPageUrl(link.href);
    const isAnchor = url?.hash && withoutHash(url.href) === withoutHash(location.href);
    if (!url || isAnchor || !this.#queue.isBusy) return;
    event.preventDefault();
    this.#visit(url);
  }

  #submit(event) {
    const form = event.target;
    const url = toPageUrl(form.action);
    if (event.defaultPrevented || !url || form.enctype === "multipart/form-data" || !this.#queue.isBusy) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    if (form.method === "post") {
      this.#visit(url, { method: "POST", body: fields });
      return;
    }
    url.search = fields;
    this.#visit(url);
  }

  // A refresh that finds the person signed out would lead away from here. The tray says it.
  #stay(event) {
    if (this.#queue.isBusy && event.detail.xhr.getResponseHeader("hx-redirect")) event.preventDefault();
  }

  // htmx would load the page of an earlier search anew.
  #goBack(event) {
    const isSearch = event.state?.htmx && this.#queue.isBusy;
    if (isSearch) event.stopImmediatePropagation();
    else if (!this.#hasSwapped || withoutHash(location.href) === withoutHash(this.#shownUrl)) return;
    if (this.#queue.isBusy) this.#visit(new URL(location.href), {}, { isNew: false });
    else location.reload();
  }

  async #visit(url, request = {}, { isNew = true } = {}) {
    const { page, href } = await fetchPage(url, request);
    if (!page || !CONTENT.every((part) => page.querySelector(part) && document.querySelector(part))) {
      // A real visit: the browser asks before it leaves the page and ends the uploads.
      location.assign(url);
      return;
    }
    if (isNew && href !== location.href) history.pushState(null, "", href);
    await loadStyles(page);
    dispatchEvent(new CustomEvent("page:leaving"));
    swapContent(page);
    this.#shownUrl = location.href;
    this.#hasSwapped = true;
    this.#onArrival();
    dispatchEvent(new CustomEvent("page:swapped"));
  }
}

// Without a `page` where the server does not answer.
async function fetchPage(url, request) {
  try {
    const response = await fetch(url, { ...request, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return { page, href: response.redirected ? response.url : url.href };
  } catch {
    return {};
  }
}

function loadStyles(page) {
  const loaded = new Set(Array.from(document.querySelectorAll("link[rel=stylesheet]"), ({ href }) => href));
  const missing = [...page.querySelectorAll("link[rel=stylesheet]")].filter(({ href }) => !loaded.has(href));
  return Promise.all(missing.map(({ href }) => loadStyle(href)));
}

function swapContent(page) {
  for (const part of CONTENT) document.querySelector(part).replaceWith(page.querySelector(part));
  document.title = page.title;
  const main = document.querySelector("main");
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
  for (const part of CONTENT) window.htmx?.process(document.querySelector(part));
  loadScripts(page);
}

function loadScripts(page) {
  const loaded = new Set(Array.from(document.scripts, ({ src }) => src));
  for (const { src, type } of page.scripts) {
    if (type === "module" && !loaded.has(src)) {
      document.head.append(Object.assign(document.createElement("script"), { src, type }));
    }
  }
}
