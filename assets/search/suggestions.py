"""What a search box offers while a word or a condition is typed: names of conditions, and their values with counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from assets.catalogue import store
from assets.models import Asset, Collection, Tag
from assets.search.filter_table import FILTERS, SHAPES, STATES, VISIBILITIES
from assets.search.menu_choices import Sample, list_options
from assets.search.results import Listing
from assets.search.tokens import LISTS, Token, format_term, tokenize
from assets.text.normalise import normalise_name

MAX_SUGGESTIONS = 12
# Of each kind, for a word that is no condition.
MAX_NAMES = 3
MIN_WORD_LENGTH = 2
CONDITIONS = {
    "tag": "with a tag",
    "in": "in a collection",
    "by": "uploaded by a person",
    "type": "image, video, audio or a format",
    "is": "favourite, failed, private, unused…",
    "fits": "fits a model of Segmind",
    "after": "added since a day",
    "before": "added before a day",
    "size": "file size, such as >5mb",
    "width": "pixels, such as >=1920",
    "height": "pixels, such as >=1080",
    "used": "in runs of models, such as >5",
}
_TIMES = ("today", "yesterday", "7d", "30d", "1y")
_SIZES = (">1mb", ">10mb", "<1mb", "<100kb")
_PIXELS = (">=640", ">=1280", ">=1920", ">=3840")
_USES = (">0", ">5", ">20", "0")
EXAMPLES = {"after": _TIMES, "before": _TIMES, "size": _SIZES, "width": _PIXELS, "height": _PIXELS, "used": _USES}
_ALL_STATES = {
    "favourite": "Favourites", "mine": "Uploaded by me", **STATES, **VISIBILITIES, **SHAPES, "stored": "Stored",
    "trashed": "In the trash",
}  # fmt: skip
_SOURCES = {
    "tag": FILTERS["tag"],
    "in": FILTERS["collection"],
    "by": FILTERS["person"],
    "type": FILTERS["type"],
}


@dataclass(frozen=True)
class Suggestion:
    """`text` takes the place of what is typed. One that is not `is_complete` is the beginning of a condition."""

    text: str
    label: str
    hint: str = ""
    is_complete: bool = True


def suggest(listing: Listing, typed: str) -> list[Suggestion]:
    """For the end of what is typed, in a list that all the rest has been applied to."""
    token = next(iter(tokenize(typed)), None)
    if token and token.is_condition:
        return list(islice(_suggest_values(listing, token), MAX_SUGGESTIONS))
    return list(islice(_suggest_for_word(listing, typed), MAX_SUGGESTIONS))


def _suggest_values(listing: Listing, token: Token) -> Iterator[Suggestion]:
    sign = "-" if token.is_negated else ""
    if token.name in EXAMPLES:
        for example in EXAMPLES[token.name]:
            if example.startswith(normalise_name(token.value)):
                yield Suggestion(f"{sign}{token.name}:{example}", example)
    if token.name not in LISTS:
        return
    is_next = token.text.endswith((",", "，", "、"))
    *before, last = (*token.values, "") if is_next and token.value else token.values
    if token.name == "is":
        yield from _suggest_states(sign, before, normalise_name(last))
        return
    if token.name == "fits":
        yield from _suggest_inputs(sign, before, normalise_name(last))
        return
    sample = Sample.of(listing)
    for option in list_options(_SOURCES[token.name], sample, _without_place(last)):
        text = sign + format_term(token.name, *before, option.value)
        yield Suggestion(text, option.label, sample.format_count(option.count))


def _suggest_states(sign: str, before: Sequence[str], typed: str) -> Iterator[Suggestion]:
    """Without counts: for all states together, that takes longer than typing the next letter."""
    for state, label in _ALL_STATES.items():
        if typed in normalise_name(f"{state} {label}"):
            yield Suggestion(sign + format_term("is", *before, state), label)


def _suggest_inputs(sign: str, before: Sequence[str], typed: str) -> Iterator[Suggestion]:
    """Models, and the inputs of the one that is typed."""
    for slug, inputs in store.list_input_names().items():
        names = [f"{slug}/{name}" for name in inputs] if typed.startswith(slug) else []
        for value in (slug, *names) if inputs else ():
            if typed in value:
                yield Suggestion(sign + format_term("fits", *before, value), value)


def _without_place(value: str) -> str:
    return value.removeprefix("~").removeprefix("/").removeprefix("@")


def _suggest_for_word(listing: Listing, typed: str) -> Iterator[Suggestion]:
    sign, word = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
    wanted = normalise_name(word)
    for name, hint in CONDITIONS.items():
        if name.startswith(wanted):
            yield Suggestion(f"{sign}{name}:", f"{name}:", hint, is_complete=False)
    if len(wanted) >= MIN_WORD_LENGTH:
        for name, label, value in _find_names(listing, wanted):
            yield Suggestion(sign + format_term(name, value), label, CONDITIONS[name])


def _find_names(listing: Listing, wanted: str) -> Iterator[tuple[str, str, str]]:
    """Tags and collections of this name. Found by their keys, so without counts."""
    visible = Asset.objects.visible_to(listing.user).current()
    for tag in Tag.objects.all().suggest(wanted, visible)[:MAX_NAMES]:
        yield "tag", tag.name, tag.name
    collections = Collection.objects.visible_to(listing.user).suggest(wanted, visible)
    for collection in collections[:MAX_NAMES]:
        yield "in", collection.path, collection.place
