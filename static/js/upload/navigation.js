// Moving about in the library while files go up. A new page would end their way, so links and forms bring only its
// content into this one. With nothing to send, the browser does all of this itself.
//
// Announces `page:swapped` on the window when the content is another; the scripts of that page are loaded too.

const SELF = ["header.header", "main"];

function sameSite(address) {
  const url = new URL(address, location.href);
  const isPage = !/^\/(admin|sandbox|accounts\/log)|\/original\//.test(url.pathname);
  return url.origin === location.origin && isPage ? url : null;
}

export class Visits {
  #queue;
  #arrived;
  #shown = location.href;
  #hasSwapped = false;

  // `arrived` is called when the content is another.
  constructor({ queue, arrived }) {
    [this.#queue, this.#arrived] = [queue, arrived];
    document.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("submit", (event) => this.#submitted(event));
    addEventListener("popstate", () => this.#wentBack());
  }

  #clicked(event) {
    const link = event.target.closest?.("a[href]");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    const url = sameSite(link.href);
    const isHere = url && url.hash && url.href.split("#")[0] === location.href.split("#")[0];
    if (!url || isHere || !this.#queue.isBusy) return;
    event.preventDefault();
    this.#visit(url);
  }

  #submitted(event) {
    const form = event.target;
    const url = sameSite(form.action);
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

  #wentBack() {
    if (!this.#hasSwapped || location.href.split("#")[0] === this.#shown.split("#")[0]) return;
    if (this.#queue.isBusy) this.#visit(new URL(location.href), {}, false);
    else location.reload();
  }

  async #visit(url, request = {}, isNew = true) {
    let page, response;
    try {
      response = await fetch(url, { ...request, headers: { accept: "text/html" } });
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      // The server is away: a real visit asks before it gives up the files.
      location.assign(url);
      return;
    }
    if (!SELF.every((part) => page.querySelector(part) && document.querySelector(part))) {
      location.assign(url);
      return;
    }
    const arrived = response.redirected ? response.url : url.href;
    if (isNew && arrived !== location.href) history.pushState(null, "", arrived);
    await this.#styles(page);
    this.#swap(page);
    this.#shown = location.href;
    this.#hasSwapped = true;
    this.#arrived();
    dispatchEvent(new CustomEvent("page:swapped"));
  }

  #styles(page) {
    const known = new Set(Array.from(document.querySelectorAll("link[rel=stylesheet]"), (link) => link.href));
    const missing = [...page.querySelectorAll("link[rel=stylesheet]")].filter((link) => !known.has(link.href));
    return Promise.all(
      missing.map(
        (link) =>
          new Promise((resolve) => {
            const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: link.href });
            style.onload = style.onerror = resolve;
            document.head.append(style);
          }),
      ),
    );
  }

  #swap(page) {
    for (const part of SELF) document.querySelector(part).replaceWith(page.querySelector(part));
    document.title = page.title;
    const main = document.querySelector("main");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
    window.htmx?.process(main);
    const known = new Set(Array.from(document.scripts, (script) => script.src));
    for (const { src, type } of page.scripts) {
      if (type === "module" && !known.has(src)) {
        document.head.append(Object.assign(document.createElement("script"), { src, type }));
      }
    }
  }
}
