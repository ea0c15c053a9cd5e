"""The forms that a request can be copied in."""

from collections.abc import Callable
from dataclasses import dataclass

from assets.ready_requests.call import Call
from assets.ready_requests.writers import curl, javascript, n8n, pixelflow, python, sdk
from assets.ready_requests.writers.literals import write_json


@dataclass(frozen=True)
class Format:
    """`note` is what one has to know to use it."""

    name: str
    label: str
    write: Callable[[Call], str]
    note: str = ""


def _write_body(call: Call) -> str:
    return f"{write_json(call.body.fields)}\n"


_UNTRIED = "Segmind documents no n8n integration: these are n8n’s own nodes, and n8n keeps the key as a credential."
FORMATS = {
    each.name: each
    for each in (
        Format("curl", "curl", curl.write, "For bash or zsh. Reads the key from $SEGMIND_API_KEY."),
        Format("python", "Python", python.write, "Needs requests. Reads the key from $SEGMIND_API_KEY."),
        Format("segmind", "Segmind SDK", sdk.write, f"Needs {sdk.INSTALL}. Reads the key from $SEGMIND_API_KEY."),
        Format("javascript", "JavaScript", javascript.write, "For Node 18 or later, as an .mjs file."),
        Format("body", "JSON", _write_body, "The body alone."),
        Format(
            "pixelflow",
            "PixelFlow",
            pixelflow.write,
            "The keys are your flow’s input nodes: replace each with the name on the flow’s API page. Not tried.",
        ),
        Format("n8n", "n8n", n8n.write, f"Copy, then paste into an empty workflow. {_UNTRIED}"),
    )
}


def write_all(call: Call) -> dict[str, str]:
    return {each.name: each.write(call) for each in FORMATS.values()}
