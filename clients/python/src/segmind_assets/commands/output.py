"""What the commands write: for people on stderr, for programs on stdout."""

import json
import sys
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from segmind_assets.answers import Asset

SIZES = ("B", "kB", "MB", "GB", "TB")
STEP = 1000

messages = Console(stderr=True, highlight=False, soft_wrap=True)


def complain(sentence: str) -> None:
    messages.print(Text(plain(sentence), style="red"))


def tell(sentence: str) -> None:
    messages.print(Text(plain(sentence)))


def write(line: str) -> None:
    typer.echo(line)


def write_json(value: object) -> None:
    write(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def as_dict(asset: Asset) -> dict[str, Any]:
    return asdict(asset)


def plain(text: str) -> str:
    """Titles and names are other people's words: nothing in them may steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def format_size(count: float) -> str:
    for unit in SIZES[:-1]:
        if count < STEP:
            return f"{count:.0f} {unit}" if unit == SIZES[0] else f"{count:.1f} {unit}"
        count /= STEP
    return f"{count:.1f} {SIZES[-1]}"


def pluralise(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
