// Completes names while they are typed in an input with [data-complete], the address that knows them. Commas separate:
// what is offered is what stands there, with its last name completed.

const asked = new WeakMap();

function listOf(input) {
  if (input.list) return input.list;
  const list = document.createElement("datalist");
  list.id = `${input.id}-names`;
  input.after(list);
  input.setAttribute("list", list.id);
  return list;
}

document.addEventListener("input", async (event) => {
  const input = event.target.closest("[data-complete]");
  // An offer that was taken comes as an event without a type: there is nothing to go on with.
  if (!input || !event.inputType) return;
  asked.get(input)?.abort();
  const question = new AbortController();
  asked.set(input, question);
  const [before] = input.value.match(/^.*,\s*|^/);
  const name = input.value.slice(before.length).trim();
  try {
    const answer = await fetch(`${input.dataset.complete}?q=${encodeURIComponent(name)}`, { signal: question.signal });
    const { names } = answer.ok ? await answer.json() : { names: [] };
    listOf(input).replaceChildren(...names.map((found) => new Option("", before + found)));
  } catch {
    // Asked again since, or no network: without offers the field is an ordinary one.
  }
});
