// Asks the server what it suggests for what is typed in a search. Resolves to HTML; null without an answer, or where a
// later question has come meanwhile.

const DELAY = 100;
let request = new AbortController();

export function stopSuggesting() {
  request.abort();
}

export async function fetchSuggestions(form, text, typed) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  await new Promise((resolve) => setTimeout(resolve, DELAY));
  if (signal.aborted) return null;
  const parameters = new URLSearchParams({ q: text, part: "suggestions", typed });
  try {
    const response = await fetch(`${form.getAttribute("action")}?${parameters}`, { signal });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}
