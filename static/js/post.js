// Sends values to this site as a form. Rejects where the response is an error.
export async function post(url, values = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const response = await fetch(url, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { accept: "application/json", "x-csrftoken": token },
    keepalive: true,
  });
  if (!response.ok) throw new Error(`${response.status}`);
}
