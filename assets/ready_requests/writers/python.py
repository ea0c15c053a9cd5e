"""A request for Python with requests."""

from assets.ready_requests.call import MAX_WAIT, NEVER_AGAIN, POLL_INTERVAL, Call
from assets.ready_requests.writers.literals import FILL_IN, WRITTEN_BLANK, fill, write_json, write_python

V2 = """
import json
import os
import time

import requests

body = @body@
@guard@segmind = requests.Session()
segmind.headers["x-api-key"] = os.environ["SEGMIND_API_KEY"]

# @never_again@
submit = segmind.post(@url@, json=body, timeout=60)
if not submit.ok:
    raise SystemExit(f"Segmind answered {submit.status_code}: {submit.text}")
url = f"@api@/requests/{submit.json()['request_id']}"
print("Submitted:", url)

deadline = time.monotonic() + @max_wait@
state = "QUEUED"
while state in ("QUEUED", "PROCESSING"):
    if time.monotonic() > deadline:
        raise SystemExit(f"Still running. Segmind keeps the result for about an hour: {url}")
    time.sleep(@interval@)
    answer = segmind.get(f"{url}/status", timeout=60)
    # 422 says that the job has failed; 429 and 5xx pass.
    if answer.ok or answer.status_code == 422:
        state = answer.json()["status"]
    elif answer.status_code < 500 and answer.status_code != 429:
        answer.raise_for_status()

result = segmind.get(url, timeout=60).json()
if state == "FAILED":
    raise SystemExit(f"The job failed and is not billed: {result.get('error')}")
print(json.dumps(result, indent=2))
"""
V1 = """
import json
import os

import requests

body = @body@
@guard@
# @never_again@
response = requests.post(
    @url@,
    headers={"x-api-key": os.environ["SEGMIND_API_KEY"]},
    json=body,
    timeout=300,
)
if not response.ok:
    raise SystemExit(f"Segmind answered {response.status_code}: {response.text}")
@save@"""
SAVE = 'with open("{file}", "wb") as file:\n    file.write(response.content)\n'
GUARD = f"if '{WRITTEN_BLANK}' in json.dumps(body):\n    raise SystemExit(\"{FILL_IN}\")\n"


def write(call: Call) -> str:
    template = V1 if call.version == "v1" else V2
    return fill(
        template,
        **describe_body(call),
        url=write_json(call.url),
        api=call.api,
        max_wait=MAX_WAIT,
        interval=POLL_INTERVAL,
    )


def describe_body(call: Call) -> dict[str, str]:
    """What every template for Python needs."""
    file = call.output_file
    save = (
        f'with open("{file}", "wb") as file:\n    file.write(response.content)\n' if file else "print(response.text)\n"
    )
    guard = GUARD if call.body.blanks else ""
    return {"body": write_python(dict(call.body.fields)), "guard": guard, "never_again": NEVER_AGAIN, "save": save}
