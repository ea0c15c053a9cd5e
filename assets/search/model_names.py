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
from assets.search.tokens import Token, replace_token, tokenize

NAME = "fits"
MAX_MEANT = 3
LIKENESS = 0.5


def parse(text: str) -> Query:
    """As `query_parser` does. Conditions on models or inputs that are not in the catalogue become problems."""
    tokens = [token for token in tokenize(text) if token.name == NAME and token.value]
    names = store.list_input_names() if tokens else {}
    problems = []
    for token in reversed(tokens):
        if reason := _explain(token, names):
            text = replace_token(text, token)
            problems.append(Problem(token.text, reason))
    query = query_parser.parse(text)
    return replace(query, problems=(*query.problems, *reversed(problems)))


def _explain(token: Token, names: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with the first value that is no model or input."""
    for value in token.values:
        slug, has_input, name = value.lower().partition("/")
        if slug not in names:
            return f"No model is called “{slug}”.{_suggest(slug, names)}"
        if has_input and name not in names[slug]:
            inputs = [f"{slug}/{other}" for other in names[slug]]
            return f"“{slug}” has no input “{name}”.{_suggest(value.lower(), inputs)}"
    return ""


def _suggest(value: str, names: Iterable[str]) -> str:
    *others, last = get_close_matches(value, list(names), MAX_MEANT, LIKENESS) or [""]
    meant = f"{', '.join(others)} or {last}" if others else last
    return f" Did you mean {meant}?" if meant else " See Models for those that there are."


def fits_any(texts: Sequence[str], user: User) -> Q:
    """Fits one of these inputs, or any input of these models. A limit that is not stated excludes nothing."""
    different = {(one.kind, one.limits): one for one in store.find_inputs(texts)}
    return reduce(or_, map(_fits, different.values()), Q(pk__in=[]))


def _fits(spec: FileInput) -> Q:
    """What `fits.judge()` asks of one file, of all. A file of which a needed fact is not known does not fit."""
    condition = Q(kind=spec.kind)
    if spec.limits.max_bytes is not None:
        condition &= Q(size__lte=spec.limits.max_bytes)
    if of_file := Q(*_of_length(spec.limits), *_of_sides(spec.limits), *_of_type(spec.limits)):
        files = StoredFile.objects.annotate(_height=Cast("height", FloatField())).filter(of_file)
        condition &= Q(Exists(files.filter(pk=OuterRef("stored_file_id"))))
    return condition


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
