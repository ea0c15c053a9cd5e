"""An asset as text to copy: its URL, markup, and data."""

import html
import json
import re
from dataclasses import dataclass


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


_WRITERS = {
    "url": ("URL", _url),
    "markdown": ("Markdown", _markdown),
    "html": ("HTML", _html),
    "json": ("JSON", _json),
}


def _escape(text: str) -> str:
    """JSON that cannot end the script element it is pasted into, nor a line of JavaScript."""
    return re.sub(r"[<\u2028\u2029\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", text)
