// Sends files that are queued, and decides whether to try again after a failure.
//
// Many small ones go in one request, which costs the server far less. Of a few, each has a request of its own, and a
// large one several.

const MIN_WAITING = 12;
const MAX_TOGETHER = 20;
const MAX_FILE_BYTES = 256_000;
// Many proxies take a megabyte.
const MAX_BYTES = 900_000;
const MIN_BYTES_IN_PARTS = 16_000_000;

// The next ones to be sent in one request.
export function selectNext([first, ...others]) {
  if (!first) return [];
  const fields = JSON.stringify(first.metadata);
  const fits = (upload) => mayJoin(upload) && JSON.stringify(upload.metadata) === fields;
  const fitting = mayJoin(first) ? others.slice(0, 5 * MAX_TOGETHER).filter(fits) : [];
  if (fitting.length < MIN_WAITING) return [first];
  let bytes = 0;
  return [first, ...fitting].slice(0, MAX_TOGETHER).filter(({ size }) => (bytes += size) <= MAX_BYTES);
}

// The server numbers the titles of files that have one together.
function mayJoin({ size, metadata, isSentAlone }) {
  return size <= MAX_FILE_BYTES && !metadata.title && !isSentAlone;
}

// Resolves once the server has taken or refused each of these files.
export async function sendFiles(uploads, server, signal) {
  const [{ metadata }] = uploads;
  for (const upload of uploads) Object.assign(upload, { sent: 0, since: performance.now() });
  const progress = (loaded, total) => uploads.forEach((upload) => recordProgress(upload, loaded, total));
  const { results, errors } = await send(uploads, metadata, server, { signal, progress });
  const refused = { status: "refused", errors };
  uploads.forEach((upload, index) => upload.settle(results[index] ?? refused, metadata));
}

async function send(uploads, metadata, server, options) {
  const [upload] = uploads;
  if (upload.size < MIN_BYTES_IN_PARTS) return server.send(uploads, metadata, options);
  return { results: [await server.sendInParts(upload, metadata, options)] };
}

function recordProgress(upload, loaded, total) {
  if (upload.state !== "sending") return;
  upload.recordProgress(loaded, total, performance.now());
  upload.setState(loaded === total ? "processing" : "sending");
}

// Where there will be another attempt, the file is checked again first: it may have arrived although the answer did not.
export async function failOrRetry(upload, error, { wasTogether }) {
  const isReadable = await upload.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (!isReadable) upload.failUnreadable();
  // Which of them the error was about shows once each is sent alone.
  else if (wasTogether) upload.setState("unchecked", { isSentAlone: true });
  else upload.retryOrFail(error);
}
