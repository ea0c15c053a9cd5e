"""Reads Segmind's lists of models: what makes no sense in them is left out, and everything has a limit.

The list for programs is not documented. Programs that read it show objects with `slug`, `title`, `type` (such as
`imageToVideo`), `description`, `is_depreciated` and `parameters`, in a list or below some name. Of `parameters` several
forms are understood: a JSON Schema, a list of fields with names, and examples by name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from assets.catalogue.specs import FileInput, JsonType, MediaKind, Parameter
from assets.text.shorten import shorten

MAX_MODELS = 5000
MAX_FIELDS = 60
MAX_CHOICES = 60
MAX_COUNT = 1000
TITLE_LENGTH, TEXT_LENGTH, VALUE_LENGTH = 200, 1000, 200
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.IGNORECASE)
_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,99}", re.IGNORECASE)
# `imageToVideo`, “Image-to-Video Generation”, “Text Generation”
_MADE_OF = re.compile(r"to[\s_-]*(image|video|audio|text)", re.IGNORECASE)
_MADE = re.compile(r"(image|video|audio|text)\b", re.IGNORECASE)
_TYPES = ("string", "integer", "number", "boolean", "array", "object")
_JSON_TYPES = {bool: "boolean", int: "integer", float: "number"}
# By the words of its name, what a field with an address takes. The first that is found counts.
_KINDS: dict[str, MediaKind] = {
    **dict.fromkeys(("video", "videos", "clip", "movie"), "video"),
    **dict.fromkeys(("audio", "audios", "voice", "sound", "speech", "song", "music"), "audio"),
    **dict.fromkeys(("image", "images", "img", "photo", "picture", "mask", "frame", "face", "portrait"), "image"),
}


@dataclass(frozen=True)
class Listed:
    """A model as a list has it. `output` is empty where it does not say so."""

    slug: str
    title: str
    description: str = ""
    output: str = ""
    is_retired: bool = False
    inputs: tuple[FileInput, ...] = ()
    parameters: tuple[Parameter, ...] = ()


@dataclass
class Reading:
    """`unread`: how many entries made no sense."""

    models: dict[str, Listed] = field(default_factory=dict)
    unread: int = 0


def read_models(document: object) -> Reading:
    """Of the list for programs. Raises ValueError if there is no list in it."""
    reading = Reading()
    for row in _find_list(document)[:MAX_MODELS]:
        model = _read_model(row)
        if model is None:
            reading.unread += 1
        else:
            reading.models.setdefault(model.slug, model)
    return reading


def read_directory(text: str) -> Reading:
    """Of the table `| Model | Slug | Description | Modality | …`. Raises ValueError if there is none."""
    reading = Reading()
    for line in text.splitlines()[: 10 * MAX_MODELS]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) < len(("title", "slug", "description", "modality")) or not _SLUG.fullmatch(cells[1]):
            continue
        if cells[1].lower() == "slug" or len(reading.models) >= MAX_MODELS:
            continue
        title, slug, description, modality = cells[:4]
        model = Listed(slug, _line(title, TITLE_LENGTH) or slug, _line(description, TEXT_LENGTH), _output(modality))
        reading.models.setdefault(slug, model)
    if not reading.models:
        raise ValueError("no table of models")
    return reading


def _find_list(document: object) -> list[Any]:
    """The document itself or, in an object, its longest list of objects."""
    candidates = document.values() if isinstance(document, dict) else [document]
    lists = [one for one in candidates if isinstance(one, list) and any(isinstance(row, dict) for row in one)]
    if not lists:
        raise ValueError("no list of models")
    return max(lists, key=len)


def _read_model(row: object) -> Listed | None:
    if not isinstance(row, dict) or not isinstance(slug := row.get("slug"), str) or not _SLUG.fullmatch(slug):
        return None
    inputs, parameters = _read_fields(row.get("parameters"))
    return Listed(
        slug=slug,
        title=_line(row.get("title"), TITLE_LENGTH) or slug,
        description=_line(row.get("description"), TEXT_LENGTH),
        output=_output(row.get("type")),
        is_retired=row.get("is_depreciated") is True or row.get("is_deprecated") is True,
        inputs=inputs,
        parameters=parameters,
    )


def _line(value: object, length: int) -> str:
    """A text on one line, without what does not print. Empty for anything else."""
    if not isinstance(value, str):
        return ""
    return shorten(" ".join("".join(c if c.isprintable() else " " for c in value[: 4 * length]).split()), length)


def _output(value: object) -> str:
    if not isinstance(value, str):
        return ""
    found = _MADE_OF.search(value[:100]) or _MADE.match(value[:100])
    return found[1].lower() if found else ""


# --- Fields ---


def _read_fields(parameters: object) -> tuple[tuple[FileInput, ...], tuple[Parameter, ...]]:
    inputs: dict[str, FileInput] = {}
    others: dict[str, Parameter] = {}
    for name, facts, required in list(_find_fields(parameters))[:MAX_FIELDS]:
        if not _NAME.fullmatch(name) or name in inputs or name in others:
            continue
        if kind := _find_kind(name, facts):
            inputs[name] = _read_input(name, kind, facts, required)
        else:
            others[name] = _read_parameter(name, facts, required)
    return tuple(inputs.values()), tuple(others.values())


def _find_fields(parameters: object) -> Iterator[tuple[str, Mapping[str, Any], bool | None]]:
    """Name, facts and whether it is required, of each field in whichever form."""
    if isinstance(parameters, list):
        for row in parameters:
            if isinstance(row, dict) and isinstance(name := row.get("name"), str):
                yield name, row, _as_bool(row.get("required"))
    elif isinstance(parameters, dict):
        properties, metadata = parameters.get("properties"), parameters.get("metadata")
        if isinstance(metadata, list):
            yield from _find_fields(metadata)
        elif isinstance(properties, dict):
            required = parameters.get("required")
            yield from _find_properties(properties, required if isinstance(required, list) else None)
        else:
            yield from ((name, _facts(value), None) for name, value in parameters.items() if isinstance(name, str))


def _find_properties(
    properties: Mapping[str, Any], required: list[Any] | None
) -> Iterator[tuple[str, Mapping[str, Any], bool | None]]:
    for name, facts in properties.items():
        if isinstance(facts, dict):
            yield name, facts, None if required is None else name in required


def _facts(value: object) -> Mapping[str, Any]:
    """What an example shows of a field."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {"type": "array", "items": _facts(value[0]) if value else {}}
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return {"type": "string", "format": "uri"}
    return {"type": _JSON_TYPES.get(type(value), "string")}


def _as_bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _find_kind(name: str, facts: Mapping[str, Any]) -> MediaKind | None:
    """What kind of file, for a field that takes an address. The list does not say so: it is in the name."""
    items = facts.get("items")
    places = (facts, items if isinstance(items, dict) else {})
    if not any(
        place.get("format") in ("uri", "url") or place.get("type") in ("uri", "url", "file") for place in places
    ):
        return None
    words = re.split(r"[^a-z]+", name.lower())
    return next((kind for word, kind in _KINDS.items() if word in words), None)


def _read_input(name: str, kind: MediaKind, facts: Mapping[str, Any], required: bool | None) -> FileInput:
    is_list = facts.get("type") == "array"
    count = facts.get("maxItems") if is_list else None
    is_count = isinstance(count, int) and not isinstance(count, bool) and 0 < count <= MAX_COUNT
    return FileInput(
        name=name, kind=kind, is_list=is_list, required=required, max_count=cast(int, count) if is_count else None
    )


def _read_parameter(name: str, facts: Mapping[str, Any], required: bool | None) -> Parameter:
    stated, choices = facts.get("type"), facts.get("enum")
    return Parameter(
        name=name,
        type=cast(JsonType, stated) if stated in _TYPES else "string",
        required=required,
        default=_plain(facts.get("default")),
        choices=tuple(_choices(choices)) if isinstance(choices, list) else (),
    )


def _choices(values: Iterable[object]) -> Iterator[str | int | float]:
    for value in list(values)[:MAX_CHOICES]:
        plain = _plain(value)
        if plain is not None and not isinstance(plain, bool):
            yield plain


def _plain(value: object) -> str | int | float | bool | None:
    """A short text, a number that every program can read, or a truth value."""
    if isinstance(value, str):
        return _line(value, VALUE_LENGTH)
    if isinstance(value, bool):
        return value
    return value if isinstance(value, int | float) and abs(value) < 2**53 else None
