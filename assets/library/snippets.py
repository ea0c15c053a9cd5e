"""An asset as text to copy: its URL, markup, data, and the code that calls a Segmind model with it.

The calls follow Segmind's documentation, and read the caller's own key from the environment.
"""

import html
import json
import re
import shlex
from dataclasses import dataclass

API = "https://api.segmind.com/v1"
KEY = "SEGMIND_API_KEY"


@dataclass(frozen=True)
class AssetData:
    """`kind` is a value of `Kind`."""

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
class ExampleModel:
    """`url_field` takes the asset's URL; `output_file` is where the result goes, if it is a file."""

    slug: str
    url_field: str
    other_fields: tuple[tuple[str, str], ...] = ()
    output_file: str = ""

    @property
    def endpoint(self) -> str:
        return f"{API}/{self.slug}"

    def build_input(self, url: str) -> dict[str, str]:
        return {self.url_field: url, **dict(self.other_fields)}


PORTRAIT = ("input_image", "https://example.com/portrait.png")
MODELS = {
    "image": ExampleModel("bg-removal-v2", "image", output_file="result.png"),
    "video": ExampleModel("video-speed-change", "video_url"),
    "audio": ExampleModel("sadtalker", "input_audio", (PORTRAIT,), output_file="result.mp4"),
    # No model takes every format: the person fills in a name.
    "other": ExampleModel("model-name", "file"),
}


def build_snippets(asset: AssetData) -> tuple[Snippet, ...]:
    return tuple(Snippet(name, label, write(asset)) for name, (label, write) in _WRITERS.items())


def _url(asset: AssetData) -> str:
    return asset.url


def _markdown(asset: AssetData) -> str:
    mark = "!" if asset.kind == "image" else ""
    title = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&])", r"\\\1", " ".join(asset.title.split()))
    # These characters would end the URL between the parentheses.
    url = re.sub(r"[()<>\\\s]", lambda match: f"%{ord(match[0]):02X}", asset.url)
    return f"{mark}[{title}]({url})"


def _html(asset: AssetData) -> str:
    url, title = html.escape(asset.url), html.escape(" ".join(asset.title.split()))
    size = f' width="{asset.width}" height="{asset.height}"' if asset.width and asset.height else ""
    match asset.kind:
        case "image":
            return f'<img src="{url}" alt="{title}"{size}>'
        case "video":
            return f'<video src="{url}" title="{title}"{size} controls></video>'
        case "audio":
            return f'<audio src="{url}" title="{title}" controls></audio>'
    return f'<a href="{url}">{title}</a>'


def _json(asset: AssetData) -> str:
    data = {name: value for name, value in vars(asset).items() if value is not None}
    return _escape(json.dumps(data, indent=2, ensure_ascii=False))


def _curl(asset: AssetData) -> str:
    model = _example(asset)
    output = f"  --output {model.output_file} \\\n" if model.output_file else ""
    return (
        f"curl {model.endpoint} \\\n"
        f'  --header "x-api-key: ${KEY}" \\\n'
        f"  --header 'content-type: application/json' \\\n"
        f"{output}"
        f"  --data {shlex.quote(json.dumps(model.build_input(asset.url), ensure_ascii=False))}\n"
    )


def _python(asset: AssetData) -> str:
    model = _example(asset)
    result = _join(
        f'with open("{model.output_file}", "wb") as file:', "    file.write(response.content)"
    ) if model.output_file else "print(response.json())\n"  # fmt: skip
    return _join(
        "import os",
        "",
        "import requests",
        "",
        "response = requests.post(",
        f"    {_literal(model.endpoint)},",
        f'    headers={{"x-api-key": os.environ["{KEY}"]}},',
        f"    json={_literal(model.build_input(asset.url))},",
        "    timeout=300,",
        ")",
        "response.raise_for_status()",
    ) + result  # fmt: skip


def _segmind(asset: AssetData) -> str:
    model = _example(asset)
    arguments = [f"    {name}={_literal(value)}," for name, value in model.build_input(asset.url).items()]
    return _join(
        f'import segmind  # pip install "segmind>=1.1"; reads {KEY}',
        "",
        "result = segmind.run(",
        f"    {_literal(model.slug)},",
        *arguments,
        ")",
        'print(result["output"])',
    )


def _javascript(asset: AssetData) -> str:
    model = _example(asset)
    save = f'await writeFile("{model.output_file}", Buffer.from(await response.arrayBuffer()));'
    return _join(
        *(('import { writeFile } from "node:fs/promises";', "") if model.output_file else ()),
        f"const response = await fetch({_literal(model.endpoint)}, {{",
        '  method: "POST",',
        f'  headers: {{ "x-api-key": process.env.{KEY}, "content-type": "application/json" }},',
        f"  body: JSON.stringify({_literal(model.build_input(asset.url))}),",
        "});",
        "if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);",
        save if model.output_file else "console.log(await response.json());",
    )


_WRITERS = {
    "url": ("URL", _url),
    "markdown": ("Markdown", _markdown),
    "html": ("HTML", _html),
    "json": ("JSON", _json),
    "curl": ("curl", _curl),
    "python": ("Python", _python),
    "segmind": ("Segmind SDK", _segmind),
    "javascript": ("JavaScript", _javascript),
}


def _example(asset: AssetData) -> ExampleModel:
    return MODELS.get(asset.kind, MODELS["other"])


def _literal(value: str | dict[str, str]) -> str:
    """A literal that means the same in JSON, Python and JavaScript."""
    return _escape(json.dumps(value, ensure_ascii=False))


def _escape(text: str) -> str:
    """JSON that cannot end the script element it is pasted into, nor a line of JavaScript."""
    return re.sub(r"[<\u2028\u2029\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _join(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
