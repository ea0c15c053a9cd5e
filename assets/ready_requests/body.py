"""The JSON that a model is sent: chosen files in the fields that take them, and blanks for what only a person knows."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from assets.catalogue.specs import FileInput, ModelSpec, Parameter

Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None
# Nothing that a model takes is nested deeper.
MAX_DEPTH = 20
# What begins so is to be replaced: scripts do not send it.
BLANK = "REPLACE: "
PROMPT = "prompt"
NOUNS = {"image": "an image", "video": "a video", "audio": "a sound", "other": "a file"}


class Chosen(NamedTuple):
    """A file for an input, which may be the name of none: then the file is left out."""

    input: str
    url: str
    label: str = ""


@dataclass(frozen=True)
class Body:
    """`blanks` are the names of the fields to fill in."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    blanks: tuple[str, ...] = ()


def build_body(spec: ModelSpec, chosen: Iterable[Chosen] = (), values: Mapping[str, Value] | None = None) -> Body:
    """The files in their order. Of an input for one file, the first is taken; other parameters only if they are needed
    or given in `values`, so that Segmind's defaults hold for the rest."""
    urls: dict[str, list[Value]] = {}
    for each in chosen:
        urls.setdefault(each.input, []).append(each.url)
    fields: dict[str, Value] = {}
    blanks: list[str] = []
    for name, value, is_blank in _read_fields(spec, urls, values or {}):
        fields[name] = value
        blanks += [name] if is_blank else []
    return Body(fields, tuple(blanks))


def _read_fields(
    spec: ModelSpec, urls: Mapping[str, list[Value]], values: Mapping[str, Value]
) -> Iterator[tuple[str, Value, bool]]:
    for parameter in filter(is_needed, spec.parameters):
        yield _read_parameter(parameter, values)
    for each in spec.inputs:
        if given := urls.get(each.name):
            yield each.name, given if each.is_list else given[0], False
        elif each.required:
            yield each.name, _blank_input(each), True
    for parameter in spec.parameters:
        if not is_needed(parameter) and parameter.name in values:
            yield parameter.name, values[parameter.name], False


def is_plain(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether a value is JSON that every language can write: not too deep, and without NaN and Infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    if not isinstance(value, list | dict):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(is_plain(part, depth - 1) for part in parts)


def is_needed(parameter: Parameter) -> bool:
    """Whether a request needs a value: a prompt does too, unless it is said not to."""
    return bool(parameter.required or (parameter.required is None and parameter.name == PROMPT))


def _read_parameter(parameter: Parameter, values: Mapping[str, Value]) -> tuple[str, Value, bool]:
    if parameter.name in values:
        return parameter.name, values[parameter.name], False
    # The default of a prompt is an example.
    if parameter.default is not None and parameter.name != PROMPT:
        return parameter.name, parameter.default, False
    return parameter.name, _blank_parameter(parameter), True


def _blank_parameter(parameter: Parameter) -> str:
    if parameter.choices:
        return f"{BLANK}{parameter.name}, one of {', '.join(map(str, parameter.choices))}"
    return BLANK + parameter.name + ("" if parameter.type == "string" else f" ({parameter.type})")


def _blank_input(each: FileInput) -> Value:
    text = f"{BLANK}URL of {NOUNS[each.kind]}"
    return [text] if each.is_list else text
