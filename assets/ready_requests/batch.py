"""One request for each of many files, as a script that keeps a rate.

All scripts keep the same file of results, a line of JSON for each change. The last line of an asset holds: SENDING,
before the submit, stays if no answer came, and the asset is not sent again; SUBMITTED is looked for again; COMPLETED,
FAILED and EXPIRED are done; REFUSED was not billed, and is sent again by the next run.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assets.ready_requests.body import Value
from assets.ready_requests.call import Call
from assets.ready_requests.scripts import bash, javascript, python
from assets.ready_requests.scripts.batch_call import BatchCall

MAX_FILES = 1000
# Of the Free plan.
DEFAULT_RATE, MAX_RATE = 5, 1000


@dataclass(frozen=True)
class Script:
    name: str
    label: str
    suffix: str
    run: str
    write: Callable[[BatchCall], str]


SCRIPTS = {
    each.name: each
    for each in (
        Script("python", "Python", ".py", "python3 {}", python.write),
        Script("bash", "bash", ".sh", "bash {}", bash.write),
        Script("javascript", "JavaScript", ".mjs", "node {}", javascript.write),
    )
}


def make_batch(call: Call, input_name: str, is_list: bool, urls: Mapping[str, str], rate: int) -> BatchCall:
    """`urls`: by the ids of their assets. The body of the call has the input, which each file replaces."""
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", call.slug).strip("-.") or "model"
    values: dict[str, Value] = {pk: [url] if is_list else url for pk, url in urls.items()}
    return BatchCall(call, input_name, values, rate, f"{stem}-batch")
