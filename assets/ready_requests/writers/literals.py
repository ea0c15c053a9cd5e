"""Values as JSON, which is JavaScript too, and as Python; and templates of code that they go into."""

import json
import re

from assets.ready_requests.body import BLANK, Value

# What ends a script element or a line of JavaScript, turns the direction of text, or is no text at all.
_UNSAFE = re.compile(r"<(?=[/!])|[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_INDENT = "    "
# As JSON begins it, whatever the language.
WRITTEN_BLANK = f'"{BLANK}'
FILL_IN = "Fill in what begins with REPLACE first."


def write_json(value: object, *, indent: int | None = 2) -> str:
    return _escape(json.dumps(value, ensure_ascii=False, indent=indent))


def write_python(value: Value, depth: int = 0) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, dict) and value:
        parts = [f"{write_json(name)}: {write_python(each, depth + 1)}" for name, each in value.items()]
        return _write_block("{", parts, "}", depth)
    if isinstance(value, list) and value:
        return _write_block("[", [write_python(each, depth + 1) for each in value], "]", depth)
    return write_json(value)


def _write_block(start: str, parts: list[str], end: str, depth: int) -> str:
    lines = [f"{_INDENT * (depth + 1)}{part},\n" for part in parts]
    return f"{start}\n{''.join(lines)}{_INDENT * depth}{end}"


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def fill(template: str, **parts: object) -> str:
    """Puts each part where `@its_name@` is, once: what is in a part stays as it is."""
    return re.sub(r"@([a-z_]+)@", lambda match: str(parts[match[1]]), template.lstrip("\n"))
