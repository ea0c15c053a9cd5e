"""A workflow to paste into n8n, or to import there. The key is a credential of n8n, and not in it."""

from collections.abc import Mapping
from itertools import pairwise

from assets.ready_requests.call import Call
from assets.ready_requests.writers.literals import WRITTEN_BLANK, write_json

NOTE = (
    "## {title}\n"
    "In “Submit”, choose or create a Header Auth credential: name `x-api-key`, value your Segmind key. "
    "{again}Every run of “Submit” is a new job and is billed."
)
AGAIN = "Choose it in “Status” and “Result” too. "
POLL_SECONDS = 5
# v1 answers with the result itself, after a while.
FILE = {"timeout": 300_000, "response": {"response": {"responseFormat": "file"}}}


def write(call: Call) -> str:
    nodes = [_manual_trigger(), _submit(call), _note(call)]
    steps = ["Start", "Submit"]
    connections = {}
    if call.version == "v2":
        nodes += [_wait(), _status(call), _is_running(), _result(call)]
        steps += ["Wait", "Status", "Still running?"]
        connections["Still running?"] = {"main": [[_to("Wait")], [_to("Result")]]}
    connections |= {one: {"main": [[_to(other)]]} for one, other in pairwise(steps)}
    workflow = {"name": f"Segmind: {call.title or call.slug}", "nodes": nodes, "connections": connections}
    return f"{write_json(workflow | {'settings': {}, 'pinData': {}})}\n"


def _to(name: str) -> dict[str, object]:
    return {"node": name, "type": "main", "index": 0}


def _node(name: str, kind: str, version: float, column: int, parameters: Mapping[str, object]) -> dict[str, object]:
    return {
        "id": name.lower().replace(" ", "-").rstrip("?"),
        "name": name,
        "type": f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [column * 220, 0],
        "parameters": parameters,
    }


def _manual_trigger() -> dict[str, object]:
    return _node("Start", "manualTrigger", 1, 0, {})


def _http(name: str, column: int, parameters: Mapping[str, object]) -> dict[str, object]:
    auth = {"authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth"}
    return _node(name, "httpRequest", 4.2, column, {**parameters, **auth})


def _submit(call: Call) -> dict[str, object]:
    parameters: Mapping[str, object] = {
        "method": "POST",
        "url": call.url,
        "sendBody": True,
        "specifyBody": "json",
        "jsonBody": _body(call),
        "options": FILE if call.version == "v1" else {},
    }
    return _http("Submit", 1, parameters)


def _body(call: Call) -> str:
    """Blanks are no JSON, which n8n therefore does not send."""
    return write_json(call.body.fields).replace(WRITTEN_BLANK, f"<<{WRITTEN_BLANK[1:]}")


def _wait() -> dict[str, object]:
    return _node("Wait", "wait", 1.1, 2, {"amount": POLL_SECONDS, "unit": "seconds"})


def _request_url(call: Call, end: str = "") -> str:
    """An expression, as its first character says."""
    return f"={call.api}/requests/{{{{ $('Submit').first().json.request_id }}}}{end}"


def _status(call: Call) -> dict[str, object]:
    # A failed job is answered with 422, which is no reason to stop here.
    options = {"response": {"response": {"neverError": True}}}
    return _http("Status", 3, {"url": _request_url(call, "/status"), "options": options})


def _is_running() -> dict[str, object]:
    conditions = [
        {
            "id": state.lower(),
            "leftValue": "={{ $json.status }}",
            "rightValue": state,
            "operator": {"type": "string", "operation": "equals"},
        }
        for state in ("QUEUED", "PROCESSING")
    ]
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "loose", "version": 2}
    parameters = {"conditions": {"options": options, "conditions": conditions, "combinator": "or"}, "options": {}}
    return _node("Still running?", "if", 2.2, 4, parameters)


def _result(call: Call) -> dict[str, object]:
    return _http("Result", 5, {"url": _request_url(call), "options": {}})


def _note(call: Call) -> dict[str, object]:
    title = " ".join((call.title or call.slug).split())
    content = NOTE.format(title=title, again=AGAIN if call.version == "v2" else "")
    note = _node("Key", "stickyNote", 1, 1, {"content": content, "width": 440, "height": 180})
    return note | {"position": [0, -240]}
