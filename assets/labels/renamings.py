"""Tags and collections with a new name, as searches for the assets that answer it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from assets import permissions
from assets.audit.changes import Renaming
from assets.models import Collection, User
from assets.search.tokens import format_term


class Renamed(NamedTuple):
    renaming: Renaming
    q: str


def select_visible(renamings: Iterable[Renaming], user: User) -> Iterator[Renamed]:
    """The last renaming of each label that the person sees; of nested collections, the one at the top."""
    last = {renaming.label_id: renaming for renaming in renamings}
    if not last:
        return
    for tag in permissions.visible_tags(user).filter(pk__in=last):
        yield Renamed(last[tag.pk], format_term("tag", tag.name))
    found = {one.key: one for one in permissions.visible_collections(user, Collection.objects.filter(pk__in=last))}
    for collection in found.values():
        if found.keys().isdisjoint(collection.ancestor_keys):
            yield Renamed(last[collection.pk], format_term("in", collection.place))
