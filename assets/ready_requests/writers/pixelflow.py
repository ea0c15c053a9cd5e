"""The input nodes of a PixelFlow. Their names are those of the flow, which nobody but its maker knows."""

from assets.ready_requests.body import BLANK, Value
from assets.ready_requests.call import Call
from assets.ready_requests.writers.literals import write_json


def write(call: Call) -> str:
    nodes: dict[str, Value] = {}
    for name, value in call.body.fields.items():
        values = value if isinstance(value, list) else [value]
        for number, each in enumerate(values, 1):
            nodes[f"{BLANK}node for {name}" + (f" {number}" if len(values) > 1 else "")] = each
    return f"{write_json(nodes)}\n"
