"""A request for JavaScript modules: Node 18 and later, Deno and Bun."""

from assets.ready_requests.call import MAX_WAIT, NEVER_AGAIN, POLL_INTERVAL, Call
from assets.ready_requests.writers.literals import FILL_IN, WRITTEN_BLANK, fill, write_json

START = """
const body = @body@;
@guard@if (!process.env.SEGMIND_API_KEY) throw new Error("SEGMIND_API_KEY is not set.");
const headers = { "x-api-key": process.env.SEGMIND_API_KEY, "content-type": "application/json" };

// @never_again@
const submit = await fetch(@url@, { method: "POST", headers, body: JSON.stringify(body) });
if (!submit.ok) throw new Error(`Segmind answered ${submit.status}: ${await submit.text()}`);
"""
V2 = """
const url = `@api@/requests/${(await submit.json()).request_id}`;
console.log("Submitted:", url);

const deadline = Date.now() + @max_wait@000;
let state = "QUEUED";
while (["QUEUED", "PROCESSING"].includes(state)) {
  if (Date.now() > deadline) {
    throw new Error(`Still running. Segmind keeps the result for about an hour: ${url}`);
  }
  await new Promise((resolve) => setTimeout(resolve, @interval@000));
  const answer = await fetch(`${url}/status`, { headers });
  // 422 says that the job has failed; 429 and 5xx pass.
  if (answer.ok || answer.status === 422) state = (await answer.json()).status;
  else if (answer.status < 500 && answer.status !== 429) throw new Error(`Segmind answered ${answer.status}.`);
}

const result = await (await fetch(url, { headers })).json();
if (state === "FAILED") throw new Error(`The job failed and is not billed: ${result.error}`);
console.log(JSON.stringify(result, null, 2));
"""
SAVE = """
import { writeFile } from "node:fs/promises";

@start@await writeFile("@file@", Buffer.from(await submit.arrayBuffer()));
"""
GUARD = f"if (JSON.stringify(body).includes('{WRITTEN_BLANK}')) throw new Error(\"{FILL_IN}\");\n"


def write(call: Call) -> str:
    start = fill(
        START,
        body=write_json(call.body.fields),
        guard=GUARD if call.body.blanks else "",
        never_again=NEVER_AGAIN,
        url=write_json(call.url),
    )
    if call.version == "v2":
        return start + fill(V2, api=call.api, max_wait=MAX_WAIT, interval=POLL_INTERVAL)
    if not call.output_file:
        return f"{start}console.log(await submit.text());\n"
    return fill(SAVE, start=start, file=call.output_file)
