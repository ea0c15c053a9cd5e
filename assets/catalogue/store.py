"""Reads the catalogue: rows to what a model takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypedDict, cast

from django.db.models import Q
from django.db.models.functions import Lower

from assets.catalogue.specs import FileInput, JsonType, Limits, MediaKind, ModelSpec, Parameter
from assets.models.catalogue import LimitName, LimitValue, ModelInput, ModelLimit, ModelParameter, SegmindModel

PARTS = ("inputs__limits", "parameters", "limits")
AT_ONCE = 30


class _Limits(TypedDict, total=False):
    max_bytes: int
    min_seconds: float
    max_seconds: float
    min_side: int
    max_side: int
    max_pixels: int
    min_ratio: float
    max_ratio: float
    media_types: tuple[str, ...]


def find_model(slug: str) -> ModelSpec | None:
    row = SegmindModel.objects.filter(slug=slug).prefetch_related(*PARTS).first()
    return to_spec(row) if row else None


def list_models() -> list[ModelSpec]:
    """All of them, the best used first, in five queries."""
    return [to_spec(row) for row in SegmindModel.objects.best_used_first().prefetch_related(*PARTS)]


def iterate_models() -> Iterator[ModelSpec]:
    """Those that take files, the best used first, a few at a time: for who stops at the first that will do."""
    rows = SegmindModel.objects.current().taking_files().best_used_first().prefetch_related(*PARTS)
    return map(to_spec, rows.iterator(chunk_size=AT_ONCE))


def list_input_names() -> dict[str, list[str]]:
    """The names of the inputs of every model, by its slug; in lower case."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for slug, name in SegmindModel.objects.values_list("slug", "inputs__name").order_by("slug", "inputs__position"):
        names[slug.lower()] += [name.lower()] if name else []
    return dict(names)


def list_known(names: Iterable[str]) -> set[str]:
    """Those of these names, `slug` or `slug/input`, that are in the catalogue; in lower case."""
    slugs = {name.partition("/")[0] for name in names}
    rows = SegmindModel.objects.annotate(key=Lower("slug")).filter(key__in=slugs).values_list("key", "inputs__name")
    return {text for slug, name in rows for text in (slug, f"{slug}/{name}".lower())}


def find_inputs(texts: Iterable[str]) -> list[FileInput]:
    """Those named, as `slug/input`, or all of a model, as `slug`, without their numbers of files. In one query."""
    wanted = Q(pk__in=[])
    for text in texts:
        slug, _, name = text.partition("/")
        wanted |= Q(model__slug__iexact=slug, **({"name__iexact": name} if name else {}))
    found: dict[tuple[int, str, str], list[ModelLimit]] = {}
    rows = ModelInput.objects.filter(wanted).values_list("pk", "name", "kind", "limits__name", "limits__value")
    for pk, name, kind, limit, value in rows:
        limits = found.setdefault((pk, name, kind), [])
        if limit and limit != LimitName.MAX_COUNT:
            limits.append(ModelLimit(name=limit, value=value))
    return [to_input(ModelInput(name=name, kind=kind), limits) for (_, name, kind), limits in found.items()]


def record_use(slug: str) -> None:
    """Count a request that was made ready for a model."""
    SegmindModel.objects.filter(slug=slug).record_use()


def to_spec(row: SegmindModel) -> ModelSpec:
    """Of a row with its inputs, parameters and limits at hand."""
    of_all = _values(limit for limit in row.limits.all() if limit.input_id is None)
    return ModelSpec(
        slug=row.slug,
        title=row.title,
        output=row.output,
        inputs=tuple(to_input(one, one.limits.all()) for one in row.inputs.all()),
        parameters=tuple(map(_to_parameter, row.parameters.all())),
        max_files=cast("int | None", of_all.get(LimitName.MAX_FILES)),
        is_retired=row.is_retired,
    )


def to_input(row: ModelInput, limits: Iterable[ModelLimit]) -> FileInput:
    values = _values(limits)
    max_count = cast("int | None", values.pop(LimitName.MAX_COUNT, None))
    return FileInput(
        name=row.name,
        kind=cast(MediaKind, row.kind),
        is_list=row.is_list,
        required=row.required,
        max_count=max_count,
        limits=Limits(**cast(_Limits, values)),
    )


def _values(limits: Iterable[ModelLimit]) -> dict[str, LimitValue]:
    return {str(limit.name): limit.parse() for limit in limits}


def _to_parameter(row: ModelParameter) -> Parameter:
    return Parameter(
        name=row.name,
        type=cast(JsonType, row.type),
        required=row.required,
        default=row.default,
        choices=tuple(row.choices),
    )
