"""Many requests, for Node 18 and later."""

from assets.ready_requests.scripts.batch_call import FATAL, MAX_REFUSED, PAUSE, POLL_INTERVAL, BatchCall
from assets.ready_requests.writers.javascript import GUARD
from assets.ready_requests.writers.literals import fill, write_json

SCRIPT = """
@about@
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const RESULTS = @results@;
const RATE = @rate@; // submits a minute
const INPUT = @input@;
const body = @body@;
const FILES = new Map(Object.entries(@files@));
@guard@
if (!process.env.SEGMIND_API_KEY) throw new Error("SEGMIND_API_KEY is not set.");
const headers = { "x-api-key": process.env.SEGMIND_API_KEY, "content-type": "application/json" };
const REQUESTS = "@api@/requests";
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function note(asset, state, more = {}) {
  appendFileSync(RESULTS, `${JSON.stringify({ asset, state, ...more })}\\n`);
  console.log(asset, state, more.error ?? "");
}

function stop(words) {
  console.error(words);
  process.exit(1);
}

const known = new Map();
for (const line of existsSync(RESULTS) ? readFileSync(RESULTS, "utf8").split("\\n") : []) {
  if (line.endsWith("}")) known.set(JSON.parse(line).asset, JSON.parse(line));
}
const stateOf = (asset) => known.get(asset)?.state;
const waiting = [...FILES.keys()].filter((asset) => !stateOf(asset) || stateOf(asset) === "REFUSED");
const running = new Map();
for (const asset of FILES.keys()) if (stateOf(asset) === "SUBMITTED") running.set(asset, known.get(asset).request_id);
const unknown = [...FILES.keys()].filter((asset) => stateOf(asset) === "SENDING");
console.log(`${waiting.length} to send, ${running.size} running, ${unknown.length} without an answer: not sent again.`);

async function submit(asset) {
  // What is sent twice is billed twice. Without an answer, nobody knows: so this is noted first.
  note(asset, "SENDING");
  const content = JSON.stringify({ ...body, [INPUT]: FILES.get(asset) });
  const answer = await fetch(@url@, { method: "POST", headers, body: content }).catch((error) => {
    stop(`No answer from Segmind, which may have the job of ${asset}: ${error}`);
  });
  if (answer.ok) {
    const { request_id } = await answer.json();
    running.set(asset, request_id);
    note(asset, "SUBMITTED", { request_id });
    return 0;
  }
  note(asset, "REFUSED", { status: answer.status, error: await answer.text() });
  if ([@fatal@].includes(answer.status)) stop(`Stopped: Segmind answered ${answer.status}.`);
  return answer.status;
}

async function look(asset, request_id) {
  const url = `${REQUESTS}/${request_id}`;
  const answer = await fetch(`${url}/status`, { headers });
  if (answer.status === 401) stop("Stopped: Segmind does not take the key.");
  // 422 says that the job has failed.
  const state = answer.ok || answer.status === 422 ? (await answer.json()).status : "";
  if (["COMPLETED", "FAILED"].includes(state)) {
    note(asset, state, { request_id, answer: await (await fetch(url, { headers })).json() });
  } else if (answer.status === 404) note(asset, "EXPIRED", { request_id });
  else return;
  running.delete(asset);
}

let [nextSubmit, nextLook, refused] = [0, 0, 0];
while (waiting.length || running.size) {
  if (waiting.length && Date.now() >= nextSubmit) {
    const asset = waiting.shift();
    const status = await submit(asset);
    nextSubmit = Date.now() + (status === 429 ? @pause@000 : 60_000 / RATE);
    if (status === 429) waiting.unshift(asset);
    else refused = status ? refused + 1 : 0;
    if (refused === @max_refused@) stop(`Stopped: ${refused} refused one after the other.`);
  }
  if (Date.now() >= nextLook) {
    // Looking again costs nothing.
    for (const [asset, request] of [...running]) await look(asset, request).catch(() => {});
    nextLook = Date.now() + @interval@000;
  }
  const pauses = [...(waiting.length ? [nextSubmit] : []), ...(running.size ? [nextLook] : [])];
  if (pauses.length) await sleep(Math.max(0, Math.min(...pauses) - Date.now()));
}
"""


def write(batch: BatchCall) -> str:
    return fill(
        SCRIPT,
        about="\n".join(f"// {line}" for line in batch.about),
        results=write_json(batch.results),
        rate=batch.rate,
        input=write_json(batch.input_name),
        body=write_json(batch.body),
        files=write_json(batch.values),
        guard=GUARD if batch.blanks else "",
        api=batch.call.api,
        url=write_json(batch.call.url),
        fatal=", ".join(map(str, FATAL)),
        pause=PAUSE,
        interval=POLL_INTERVAL,
        max_refused=MAX_REFUSED,
    )
