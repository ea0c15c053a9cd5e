// Uploads one file, and decides whether to try again after a failure.

// Resolves once the server has taken or refused the file.
export async function sendFile(upload, server) {
  const { metadata } = upload;
  const { signal } = upload.controller;
  Object.assign(upload, { sent: 0, since: performance.now() });
  const progress = (loaded, total) => recordProgress(upload, loaded, total);
  const answer = await server.send(upload.file, upload.sha256 || "", metadata, { signal, progress });
  upload.settle(answer.results[0] ?? { status: "refused", errors: answer.errors }, metadata);
}

function recordProgress(upload, loaded, total) {
  if (upload.state !== "sending") return;
  upload.recordProgress(loaded, total, performance.now());
  upload.setState(loaded === total ? "processing" : "sending");
}

// Where there will be another attempt, the file is checked again first: it may have arrived although the answer did not.
export async function failOrRetry(upload, error) {
  const isReadable = await upload.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (isReadable) upload.retryOrFail(error);
  else upload.failUnreadable();
}
