// Uploads one file, and decides whether to try again after a failure.

const MAX_ATTEMPTS = 5;

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

// Resolves to whether there will be another attempt.
export async function failOrRetry(upload, error) {
  const isReadable = await upload.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (!isReadable) upload.failUnreadable();
  else if (!error.canRetry) upload.fail(error.message);
  else if (++upload.attempts >= MAX_ATTEMPTS) upload.fail(`Failed after ${MAX_ATTEMPTS} attempts: ${error.message}`);
  else {
    // Checked again first: the file may have arrived although the answer did not.
    upload.setState("unchecked");
    return true;
  }
  return false;
}
