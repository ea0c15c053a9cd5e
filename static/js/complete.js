// Completes names in an input with [data-complete], the URL that knows them. Names are separated by commas; an option is
// the whole value with its last name completed.

const requests = new WeakMap();

function datalistOf(input) {
  if (input.list) return input.list;
  const list = document.createElement("datalist");
  list.id = `${input.id}-names`;
  input.after(list);
  input.setAttribute("list", list.id);
  return list;
}

// Aborts the request before it, which would answer for an older value.
async function fetchNames(input, prefix) {
  requests.get(input)?.abort();
  const request = new AbortController();
  requests.set(input, request);
  const response = await fetch(`${input.dataset.complete}?q=${encodeURIComponent(prefix)}`, { signal: request.signal });
  return response.ok ? (await response.json()).names : [];
}

export async function complete(input) {
  const [before] = input.value.match(/^.*[,\uff0c\u3001\uff64\u060c]\s*|^/u);
  try {
    const names = await fetchNames(input, input.value.slice(before.length).trim());
    datalistOf(input).replaceChildren(...names.map((name) => new Option("", before + name)));
  } catch {
    // Aborted, or no network: the input works without options.
  }
}

document.addEventListener("input", (event) => {
  const input = event.target.closest("[data-complete]");
  // Taking an option is an event without a type.
  if (input && event.inputType) complete(input);
});
