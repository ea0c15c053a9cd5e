"""The pictures that a list shows of sets."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from assets.models import Asset, ReferenceSet, SetMember, User

MAX_PICTURES = 4


@dataclass
class Cover:
    """`assets`: the first few that the person sees and that have a preview."""

    count: int = 0
    assets: list[uuid.UUID] = field(default_factory=list)


def find_covers(user: User, sets: Sequence[ReferenceSet]) -> dict[uuid.UUID, Cover]:
    """By the id of the set, in two queries."""
    covers: dict[uuid.UUID, Cover] = defaultdict(Cover)
    rows = SetMember.objects.filter(reference_set__in=[each.pk for each in sets]).order_by("position", "pk")
    members = list(rows.values_list("reference_set_id", "asset_id"))
    visible = Asset.objects.visible_to(user).current().filter(pk__in=[asset for _, asset in members if asset])
    shown = set(visible.exclude(stored_file__preview="").values_list("pk", flat=True))
    for owner, asset in members:
        cover = covers[owner]
        cover.count += 1
        if asset in shown and len(cover.assets) < MAX_PICTURES:
            cover.assets.append(asset)
    return covers
