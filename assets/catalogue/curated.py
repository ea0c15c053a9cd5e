"""The file of models that ships with the library: only what was read in a public source, which each fact names."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypedDict

from django.db import DEFAULT_DB_ALIAS, connections

from assets.catalogue.drafts import Draft, write
from assets.models.catalogue import LimitName, ModelInput, ModelLimit, ModelParameter, Origin, SegmindModel

FILE = Path(__file__).with_name("curated.json")


class Source(TypedDict):
    origin: Origin
    source_url: str
    read_on: date


class Fact(TypedDict, total=False):
    """`source` and `read_on` are those of what it belongs to, if left out; so is `required` where it is not stated."""

    source: str
    read_on: str
    name: str
    required: bool


class Limit(Fact, total=False):
    value: int | float | list[str]


class Input(Fact, total=False):
    kind: str
    list: bool
    limits: Mapping[str, Limit]


class Parameter(Fact, total=False):
    type: str
    default: str | int | float | bool | None
    choices: list[str | int | float]


class Model(Fact, total=False):
    slug: str
    title: str
    description: str
    output: str
    max_files: Limit
    inputs: list[Input]
    parameters: list[Parameter]


def load_after_migration(*, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Receives `post_migrate`, which is sent after a way back, too."""
    if SegmindModel._meta.db_table in connections[using].introspection.table_names():
        load()


def load() -> None:
    """Bring the catalogue up to date with the file."""
    write(map(_to_draft, _read()), Origin.SHIPPED)


def slugs() -> set[str]:
    """Of the models in the file."""
    return {model["slug"] for model in _read()}


@cache
def _read() -> list[Model]:
    models: list[Model] = json.loads(FILE.read_text(encoding="utf-8"))["models"]
    return models


def _to_draft(model: Model) -> Draft:
    source = _source(model)
    row = SegmindModel(
        slug=model["slug"],
        title=model["title"],
        description=model.get("description", ""),
        output=model.get("output", ""),
        **source,
    )
    draft = Draft(row)
    for position, one in enumerate(model.get("inputs", ())):
        _add_input(draft, position, one, source)
    for position, parameter in enumerate(model.get("parameters", ())):
        draft.parameters.append(_to_parameter(row, position, parameter, source))
    if limit := model.get("max_files"):
        draft.limits.append(_to_limit(row, None, LimitName.MAX_FILES, limit, source))
    return draft


def _add_input(draft: Draft, position: int, one: Input, above: Source) -> None:
    source = _source(one, above)
    row = ModelInput(
        model=draft.model,
        name=one["name"],
        position=position,
        required=one.get("required"),
        kind=one["kind"],
        is_list=one.get("list", False),
        **source,
    )
    draft.inputs.append(row)
    draft.limits.extend(_to_limits(row, one.get("limits", {}), source))


def _to_limits(row: ModelInput, limits: Mapping[str, Limit], above: Source) -> Iterator[ModelLimit]:
    for name, limit in limits.items():
        yield _to_limit(row.model, row, name, limit, above)


def _to_limit(model: SegmindModel, row: ModelInput | None, name: str, limit: Limit, above: Source) -> ModelLimit:
    value = limit["value"]
    text = " ".join(value) if isinstance(value, list) else str(value)
    return ModelLimit(model=model, input=row, name=LimitName(name), value=text, **_source(limit, above))


def _to_parameter(model: SegmindModel, position: int, parameter: Parameter, above: Source) -> ModelParameter:
    return ModelParameter(
        model=model,
        name=parameter["name"],
        position=position,
        required=parameter.get("required"),
        type=parameter["type"],
        default=parameter.get("default"),
        choices=parameter.get("choices", []),
        **_source(parameter, above),
    )


def _source(fact: Fact, above: Source | None = None) -> Source:
    url = fact.get("source") or (above["source_url"] if above else "")
    read_on = date.fromisoformat(fact["read_on"]) if "read_on" in fact or not above else above["read_on"]
    return Source(origin=Origin.SHIPPED, source_url=url, read_on=read_on)
