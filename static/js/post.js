// Requests of a page to its own site.

/** Sends a form's worth of values to this site; the answer, or an error where it was refused. */
export async function send(address, values = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { accept: "application/json", "x-csrftoken": token },
    keepalive: true,
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
}
