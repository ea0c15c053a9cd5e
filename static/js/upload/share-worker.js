// A service worker that takes the files a phone shares with the library, and keeps them until the upload page has sent
// them (shared-files.js): over a sign-in too. It sees no other address, and keeps no pages.

const MAILBOX = `shared-files ${new URL(registration.scope).pathname}`;

addEventListener("install", () => skipWaiting());

addEventListener("fetch", (event) => {
  if (event.request.method === "POST") event.respondWith(take(event.request));
});

async function take(request) {
  const kept = await keep(request).then(() => "", () => "failed");
  return Response.redirect(new URL(`../?shared=${kept}`, registration.scope), 303);
}

async function keep(request) {
  const files = (await request.formData()).getAll("files");
  const mailbox = await caches.open(MAILBOX);
  const now = Date.now();
  await Promise.all(files.map((file, index) => mailbox.put(`${registration.scope}${now}/${index}`, toResponse(file))));
}

// A name may have what no header can carry.
function toResponse(file) {
  return new Response(file, { headers: { "content-type": file.type, "x-file-name": encodeURIComponent(file.name) } });
}
