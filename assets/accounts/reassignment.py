"""Giving the assets of one person to another, a batch at a time."""

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.audit.log import audit_context, record_changes
from assets.models import Asset, User, Visibility
from assets.models.assets import AssetQuerySet


def movable(person: User, to: User, *, with_private: bool) -> AssetQuerySet:
    """The assets that can be handed over: not those whose file the other person has too."""
    entries = Asset.objects.owned_by(person).exclude(stored_file__in=Asset.objects.owned_by(to).values("stored_file"))
    return entries if with_private else entries.filter(visibility=Visibility.TEAM)


@transaction.atomic
def hand_over_some(person: User, to: User, *, with_private: bool, most: int) -> int:
    """Hand over at most so many assets; how many it were."""
    candidates = movable(person, to, with_private=with_private).order_by("pk")
    pks = list(candidates.select_for_update(of=("self",)).values_list("pk", flat=True)[:most])
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(owner=to, updated_at=timezone.now())
    assets.reindex()
    change = (person.get_username(), to.get_username())
    record_changes((asset, {"owner": change}) for asset in assets.only("title"))
    return len(pks)


# Assets per task: a few seconds of work, so that other tasks get their turn.
MAX_AT_ONCE = 1000


@task(queue_name="upkeep")
def hand_over_assets(person_id: int, to_id: int, with_private: bool) -> None:
    people = User.objects.in_bulk([person_id, to_id])
    if len(people) < 2:
        return
    with audit_context(name="hand_over_assets"):
        moved = hand_over_some(people[person_id], people[to_id], with_private=with_private, most=MAX_AT_ONCE)
    if moved == MAX_AT_ONCE:
        hand_over_assets.enqueue(person_id, to_id, with_private)
