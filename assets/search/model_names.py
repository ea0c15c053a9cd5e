"""`fits:seedance-2.0` and `fits:seedance-2.0/reference_images`: what fits the inputs of a model of the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import reduce
from operator import or_

from django.db.models import Exists, F, FloatField, OuterRef, Q
from django.db.models.functions import Cast

from assets.catalogue import store
from assets.catalogue.fits import RATIO_MARGIN, SECONDS_MARGIN
from assets.catalogue.specs import FileInput, Limits
from assets.models import StoredFile, User
from assets.search import query_parser
from assets.search.query_parser import Problem, Query
from assets.search.tokens import replace_token, tokenize

NAME = "fits"
MAX_MEANT = 3
LIKENESS = 0.5
# So few files are found first, and then their assets. With more, one in two hundred of a million is found soon enough
# by looking at the newest assets.
MAX_FEW = 5000


def parse(text: str) -> Query:
    """As `query_parser` does. Conditions on models or inputs that are not in the catalogue become problems."""
    tokens = [token for token in tokenize(text) if token.name == NAME and token.value]
    known = store.list_known(value.lower() for token in tokens for value in token.values) if tokens else set()
    unknown = {token: next((value for value in token.values if value.lower() not in known), "") for token in tokens}
    names = store.list_input_names() if any(unknown.values()) else {}
    problems = []
    for token, value in reversed(unknown.items()):
        if value:
            text = replace_token(text, token)
            problems.append(Problem(token.text, _explain(value.lower(), names)))
    query = query_parser.parse(text)
    return replace(query, problems=(*query.problems, *reversed(problems)))


def _explain(value: str, names: Mapping[str, Sequence[str]]) -> str:
    slug, _, name = value.partition("/")
    if slug not in names:
        return f"No model is called “{slug}”.{_suggest(slug, names)}"
    return f"“{slug}” has no input “{name}”.{_suggest(value, [f'{slug}/{other}' for other in names[slug]])}"


def _suggest(value: str, names: Iterable[str]) -> str:
    *others, last = get_close_matches(value, list(names), MAX_MEANT, LIKENESS) or [""]
    meant = f"{', '.join(others)} or {last}" if others else last
    return f" Did you mean {meant}?" if meant else " See Models for those that there are."


def fits_any(texts: Sequence[str], user: User) -> Q:
    """Fits one of these inputs, or any input of these models. A limit that is not stated excludes nothing."""
    different = {(one.kind, one.limits): one for one in store.find_inputs(texts)}
    unlimited = {kind for kind, limits in different if limits == Limits()}
    needed = [one for one in different.values() if one.limits == Limits() or one.kind not in unlimited]
    return reduce(or_, map(_fits, needed), Q(pk__in=[]))


def _fits(spec: FileInput) -> Q:
    """What `fits.judge()` asks of one file, of all. A file of which a needed fact is not known does not fit."""
    of_size = {} if spec.limits.max_bytes is None else {"size__lte": spec.limits.max_bytes}
    condition = Q(kind=spec.kind, **of_size)
    of_file = Q(*_of_length(spec.limits), *_of_sides(spec.limits), *_of_type(spec.limits))
    if not of_file:
        return condition
    files = StoredFile.objects.annotate(_height=Cast("height", FloatField())).filter(of_file)
    # From an index that has all these facts.
    of_kind = {} if spec.kind == "other" else {"media_type__startswith": f"{spec.kind}/"}
    few = list(files.filter(**of_size, **of_kind).order_by().values_list("pk", flat=True)[: MAX_FEW + 1])
    if len(few) <= MAX_FEW:
        return condition & Q(stored_file__in=few)
    return condition & Q(Exists(files.filter(pk=OuterRef("stored_file_id"))))


def _of_type(limits: Limits) -> Iterable[Q]:
    if limits.media_types is not None:
        yield Q(media_type__in=limits.media_types)


def _of_length(limits: Limits) -> Iterable[Q]:
    if limits.max_seconds is not None:
        yield Q(duration__lte=limits.max_seconds + SECONDS_MARGIN)
    if limits.min_seconds is not None:
        yield Q(duration__gte=limits.min_seconds - SECONDS_MARGIN)


def _of_sides(limits: Limits) -> Iterable[Q]:
    if limits.min_side is not None:
        yield Q(width__gte=limits.min_side, height__gte=limits.min_side)
    if limits.max_side is not None:
        yield Q(width__lte=limits.max_side, height__lte=limits.max_side)
    if limits.max_pixels is not None:
        yield Q(_height__gt=0, width__lte=limits.max_pixels / F("_height"))
    if limits.min_ratio is not None:
        yield Q(_height__gt=0, width__gte=limits.min_ratio * F("_height") - RATIO_MARGIN)
    if limits.max_ratio is not None:
        yield Q(_height__gt=0, width__lte=limits.max_ratio * F("_height") + RATIO_MARGIN)
