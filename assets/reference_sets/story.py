"""What others changed of a set, in words, for who has it open."""

from collections.abc import Iterator
from itertools import pairwise

from django.utils.text import get_text_list

from assets.models import ReferenceSet, User
from assets.reference_sets.state import SetState
from assets.text.formats import pluralise


def tell_since(found: ReferenceSet, version: int, user: User) -> list[str]:
    """A sentence for each change after that version which somebody else made: `ben added 2 assets.`"""
    revisions = list(found.revisions.filter(version__gte=version).select_related("by").order_by("version"))
    sentences = []
    for before, after in pairwise(revisions):
        changes = list(describe(SetState.from_json(before.state), SetState.from_json(after.state)))
        if after.by_id != user.pk and changes:
            name = after.by.get_username() if after.by else "Somebody"
            sentences.append(f"{name} {get_text_list(changes, 'and')}.")
    return sentences


def describe(before: SetState, after: SetState) -> Iterator[str]:
    if before.title != after.title:
        yield f"renamed it to “{after.title}”"
    if before.model != after.model:
        yield f"chose the model {after.model}" if after.model else "took off the model"
    if before.note != after.note:
        yield "changed the note"
    if before.visibility != after.visibility:
        yield f"made it {'private' if after.visibility == 'private' else 'visible to the team'}"
    yield from _describe_members(before, after)


def _describe_members(before: SetState, after: SetState) -> Iterator[str]:
    was, now = before.by_id(), after.by_id()
    if added := len(now.keys() - was.keys()):
        yield f"added {pluralise(added, 'asset')}"
    if removed := len(was.keys() - now.keys()):
        yield f"removed {pluralise(removed, 'asset')}"
    if [pk for pk in before.ids if pk in now] != [pk for pk in after.ids if pk in was]:
        yield "rearranged the assets"
    described = [pk for pk in was.keys() & now.keys() if (was[pk].role, was[pk].words) != (now[pk].role, now[pk].words)]
    if described:
        yield f"changed the role or words of {pluralise(len(described), 'asset')}"
