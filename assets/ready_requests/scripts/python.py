"""Many requests, for Python with requests."""

from assets.ready_requests.scripts.batch_call import FATAL, MAX_REFUSED, PAUSE, POLL_INTERVAL, BatchCall
from assets.ready_requests.writers.literals import fill, write_json, write_python
from assets.ready_requests.writers.python import GUARD

SCRIPT = """
@about@
import json
import os
import time

import requests

RESULTS = @results@
RATE = @rate@  # submits a minute
INPUT = @input@
body = @body@
FILES = @files@
@guard@
segmind = requests.Session()
segmind.headers["x-api-key"] = os.environ["SEGMIND_API_KEY"]
REQUESTS = "@api@/requests"


def note(asset, state, **more):
    with open(RESULTS, "a", encoding="utf-8") as results:
        results.write(json.dumps({"asset": asset, "state": state, **more}, separators=(",", ":")) + "\\n")
    print(asset, state, more.get("error", ""))


def read_results():
    lines = open(RESULTS, encoding="utf-8") if os.path.exists(RESULTS) else ()
    known = {}
    for line in lines:
        if line.endswith("}\\n"):
            known[json.loads(line)["asset"]] = json.loads(line)
    return known


def submit(asset):
    # What is sent twice is billed twice. Without an answer, nobody knows: so this is noted first.
    note(asset, "SENDING")
    try:
        answer = segmind.post(@url@, json={**body, INPUT: FILES[asset]}, timeout=60)
    except requests.RequestException as error:
        raise SystemExit(f"No answer from Segmind, which may have the job of {asset}: {error}")
    if answer.ok:
        running[asset] = answer.json()["request_id"]
        note(asset, "SUBMITTED", request_id=running[asset])
        return 0
    note(asset, "REFUSED", status=answer.status_code, error=answer.text)
    if answer.status_code in @fatal@:
        raise SystemExit(f"Stopped: Segmind answered {answer.status_code}.")
    return answer.status_code


def look(asset):
    url = f"{REQUESTS}/{running[asset]}"
    try:
        answer = segmind.get(f"{url}/status", timeout=60)
        # 422 says that the job has failed.
        state = answer.json()["status"] if answer.ok or answer.status_code == 422 else ""
        if state in ("COMPLETED", "FAILED"):
            note(asset, state, request_id=running.pop(asset), answer=segmind.get(url, timeout=60).json())
    except (requests.RequestException, ValueError):
        return  # Looking again costs nothing.
    if answer.status_code == 401:
        raise SystemExit("Stopped: Segmind does not take the key.")
    if answer.status_code == 404:
        note(asset, "EXPIRED", request_id=running.pop(asset))


known = read_results()
waiting = [asset for asset in FILES if known.get(asset, {"state": "REFUSED"})["state"] == "REFUSED"]
running = {asset: known[asset]["request_id"] for asset in FILES if known.get(asset, {}).get("state") == "SUBMITTED"}
unknown = [asset for asset in FILES if known.get(asset, {}).get("state") == "SENDING"]
print(f"{len(waiting)} to send, {len(running)} running, {len(unknown)} without an answer: not sent again.")
next_submit = next_look = refused = 0
while waiting or running:
    if waiting and time.monotonic() >= next_submit:
        asset = waiting.pop(0)
        status = submit(asset)
        next_submit = time.monotonic() + (@pause@ if status == 429 else 60 / RATE)
        if status == 429:
            waiting.insert(0, asset)
        else:
            refused = refused + 1 if status else 0
        if refused == @max_refused@:
            raise SystemExit(f"Stopped: {refused} refused one after the other.")
    if time.monotonic() >= next_look:
        for asset in list(running):
            look(asset)
        next_look = time.monotonic() + @interval@
    pauses = [next_submit] * bool(waiting) + [next_look] * bool(running)
    time.sleep(max(0, min(pauses, default=0) - time.monotonic()))
"""


def write(batch: BatchCall) -> str:
    return fill(
        SCRIPT,
        about="\n".join(f"# {line}" for line in batch.about),
        results=write_json(batch.results),
        rate=batch.rate,
        input=write_json(batch.input_name),
        body=write_python(batch.body),
        files=write_python(dict(batch.values)),
        guard=GUARD if batch.blanks else "",
        api=batch.call.api,
        url=write_json(batch.call.url),
        fatal=FATAL,
        pause=PAUSE,
        interval=POLL_INTERVAL,
        max_refused=MAX_REFUSED,
    )
