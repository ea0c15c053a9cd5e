// What the server is told of a file before it is sent: how large it is, its hash, and how it begins.

const MOST = 50;
const MOST_HEADS = 20;

// What is held is only judged: asked for by its hash it would become an entry.
export function isToBeAsked(entry) {
  return entry.state === "ask" || (entry.state === "held" && !entry.isJudged);
}

// A file hardly larger than its head is judged as quickly by sending it.
function isJudgedByHead({ state, size }, { mostBytes, headBytes }) {
  return size > 0 && size <= mostBytes && (size > 4 * headBytes || state === "held");
}

// The next entries to ask about, as many as fit into one question.
export function nextToAsk(entries, limits) {
  let heads = 0;
  const due = entries.filter(isToBeAsked).slice(0, MOST);
  const end = due.findIndex((entry) => isJudgedByHead(entry, limits) && ++heads > MOST_HEADS);
  return end < 0 ? due : due.slice(0, end);
}

// Rejects where the browser can no longer read the file.
export async function announcement(entry, limits) {
  const head = isJudgedByHead(entry, limits) ? await base64(entry.file.slice(0, limits.headBytes)) : "";
  const sha256 = (entry.state === "asking" && entry.sha256) || "";
  entry.asked = entry.fields;
  return { ...entry.asked, file_name: entry.name, size: entry.size, sha256, head };
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
