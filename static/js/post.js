// Sends values to this site as a form. Rejects with a RequestError.
export async function post(url, values = {}) {
  const { requestOk } = await import("./request.js");
  return requestOk(url, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { accept: "application/json" },
    keepalive: true,
  });
}
