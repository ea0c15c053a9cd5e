"""Entries of one person that become another's, a batch at a time."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from assets.models import Asset, Visibility
from assets.models.library import AssetQuerySet
from assets.services import history


def movable(person: Any, to: Any, *, with_private: bool) -> AssetQuerySet:
    """What of a person's entries can become another's: not the contents that the other one has too."""
    entries = Asset.objects.owned_by(person).exclude(stored_file__in=Asset.objects.owned_by(to).values("stored_file"))
    return entries if with_private else entries.filter(visibility=Visibility.TEAM)


@transaction.atomic
def hand_over_some(person: Any, to: Any, *, with_private: bool, most: int) -> int:
    """Give so many entries to another person; how many there were."""
    candidates = movable(person, to, with_private=with_private).order_by("pk")
    pks = list(candidates.select_for_update(of=("self",)).values_list("pk", flat=True)[:most])
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(owner=to, updated_at=timezone.now())
    assets.reindex()
    change = (person.get_username(), to.get_username())
    history.note((asset, {"owner": change}) for asset in assets.only("title"))
    return len(pks)
