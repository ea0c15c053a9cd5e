"""An entry in the forms in which people take it along: as text, markup, data, and as the input of a Segmind model.

The calls are those of Segmind's documentation. Each reads the caller's own key from the environment.
"""

import html
import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

API = "https://api.segmind.com/v1"
KEY = "SEGMIND_API_KEY"


@dataclass(frozen=True)
class Facts:
    """What snippets say of an entry; `kind` as `Kind` names it."""

    url: str
    title: str
    kind: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Snippet:
    name: str
    label: str
    text: str


@dataclass(frozen=True)
class Model:
    """A model as an example: where it is, which field takes the URL, what else it needs, what its answer is kept as."""

    slug: str
    field: str
    others: tuple[tuple[str, str], ...] = ()
    kept_as: str = ""

    @property
    def endpoint(self) -> str:
        return f"{API}/{self.slug}"

    def input(self, url: str) -> dict[str, str]:
        return {self.field: url, **dict(self.others)}


PORTRAIT = ("input_image", "https://example.com/portrait.png")
MODELS = {
    "image": Model("bg-removal-v2", "image", kept_as="result.png"),
    "video": Model("video-speed-change", "video_url"),
    "audio": Model("sadtalker", "input_audio", (PORTRAIT,), kept_as="result.mp4"),
    # Segmind has no model for every format: the name is for the person to fill in.
    "other": Model("model-name", "file"),
}


def snippets(facts: Facts) -> tuple[Snippet, ...]:
    """Every form, in the order of a menu."""
    return tuple(Snippet(name, label, write(facts)) for name, (label, write) in _FORMS.items())


def _url(facts: Facts) -> str:
    return facts.url


def _markdown(facts: Facts) -> str:
    mark = "!" if facts.kind == "image" else ""
    title = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&])", r"\\\1", " ".join(facts.title.split()))
    # Between parentheses, where these characters would end the address.
    address = re.sub(r"[()<>\\\s]", lambda found: f"%{ord(found[0]):02X}", facts.url)
    return f"{mark}[{title}]({address})"


def _html(facts: Facts) -> str:
    url, title = html.escape(facts.url), html.escape(" ".join(facts.title.split()))
    size = f' width="{facts.width}" height="{facts.height}"' if facts.width and facts.height else ""
    match facts.kind:
        case "image":
            return f'<img src="{url}" alt="{title}"{size}>'
        case "video":
            return f'<video src="{url}" title="{title}"{size} controls></video>'
        case "audio":
            return f'<audio src="{url}" title="{title}" controls></audio>'
    return f'<a href="{url}">{title}</a>'


def _json(facts: Facts) -> str:
    known = {name: value for name, value in vars(facts).items() if value is not None}
    return _safe(json.dumps(known, indent=2, ensure_ascii=False))


def _curl(facts: Facts) -> str:
    model = _model(facts)
    output = f"  --output {model.kept_as} \\\n" if model.kept_as else ""
    return (
        f"curl {model.endpoint} \\\n"
        f'  --header "x-api-key: ${KEY}" \\\n'
        f"  --header 'content-type: application/json' \\\n"
        f"{output}"
        f"  --data {shlex.quote(json.dumps(model.input(facts.url), ensure_ascii=False))}\n"
    )


def _python(facts: Facts) -> str:
    model = _model(facts)
    result = _lines(
        f'with open("{model.kept_as}", "wb") as file:', "    file.write(response.content)"
    ) if model.kept_as else "print(response.json())\n"  # fmt: skip
    return _lines(
        "import os",
        "",
        "import requests",
        "",
        "response = requests.post(",
        f"    {_literal(model.endpoint)},",
        f'    headers={{"x-api-key": os.environ["{KEY}"]}},',
        f"    json={_literal(model.input(facts.url))},",
        "    timeout=300,",
        ")",
        "response.raise_for_status()",
    ) + result  # fmt: skip


def _segmind(facts: Facts) -> str:
    model = _model(facts)
    given = [f"    {name}={_literal(value)}," for name, value in model.input(facts.url).items()]
    return _lines(
        f'import segmind  # pip install "segmind>=1.1"; reads {KEY}',
        "",
        "result = segmind.run(",
        f"    {_literal(model.slug)},",
        *given,
        ")",
        'print(result["output"])',
    )


def _javascript(facts: Facts) -> str:
    model = _model(facts)
    keep = f'await writeFile("{model.kept_as}", Buffer.from(await response.arrayBuffer()));'
    return _lines(
        *(('import { writeFile } from "node:fs/promises";', "") if model.kept_as else ()),
        f"const response = await fetch({_literal(model.endpoint)}, {{",
        '  method: "POST",',
        f'  headers: {{ "x-api-key": process.env.{KEY}, "content-type": "application/json" }},',
        f"  body: JSON.stringify({_literal(model.input(facts.url))}),",
        "});",
        "if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);",
        keep if model.kept_as else "console.log(await response.json());",
    )


_FORMS = {
    "url": ("URL", _url),
    "markdown": ("Markdown", _markdown),
    "html": ("HTML", _html),
    "json": ("JSON", _json),
    "curl": ("curl", _curl),
    "python": ("Python", _python),
    "segmind": ("Segmind SDK", _segmind),
    "javascript": ("JavaScript", _javascript),
}


def _model(facts: Facts) -> Model:
    return MODELS.get(facts.kind, MODELS["other"])


def _literal(value: Any) -> str:
    """Text, or a mapping of texts, as a literal that means the same in JSON, Python and JavaScript."""
    return _safe(json.dumps(value, ensure_ascii=False))


def _safe(text: str) -> str:
    """JSON that ends no script element it is pasted into, and no line of JavaScript."""
    return re.sub(r"[<\u2028\u2029\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
