"""Give the assets of one person to another, in batches."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.audit.log import audit_context, record_changes
from assets.models import Asset, User, Visibility
from assets.models.assets import AssetQuerySet

# A few seconds of work, so that other tasks get their turn.
BATCH_SIZE = 1000


@dataclass(frozen=True)
class Reassignment:
    """How many assets go to the new owner, now or shortly, and how many stay."""

    moved: int
    stay: int


def reassign(person: User, to: User, *, with_private: bool = False) -> Reassignment:
    """Give a person's assets to somebody else; the worker moves large numbers.

    Assets whose file the new owner already has stay, and so do private ones unless `with_private`.
    """
    moved = _select_reassignable(person, to, with_private=with_private).count()
    stay = Asset.objects.owned_by(person).count() - moved
    record_changes([(person, {"assets": ("", f"{moved} to {to.get_username()}")})])
    if moved > BATCH_SIZE:
        reassign_assets.enqueue(person.pk, to.pk, with_private)
    else:
        _reassign_batch(person, to, with_private=with_private)
    return Reassignment(moved, stay)


@task(queue_name="upkeep")
def reassign_assets(person_id: int, to_id: int, with_private: bool) -> None:
    person, to = (User.objects.filter(pk=pk).first() for pk in (person_id, to_id))
    if person is None or to is None:
        return
    with audit_context(name="reassign_assets"):
        moved = _reassign_batch(person, to, with_private=with_private)
    if moved == BATCH_SIZE:
        reassign_assets.enqueue(person_id, to_id, with_private)


@transaction.atomic
def _reassign_batch(person: User, to: User, *, with_private: bool) -> int:
    """Reassign at most `BATCH_SIZE` assets; returns how many."""
    candidates = _select_reassignable(person, to, with_private=with_private).order_by("pk")
    pks = list(candidates.select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH_SIZE])
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(owner=to, updated_at=timezone.now())
    assets.reindex()
    change = (person.get_username(), to.get_username())
    record_changes((asset, {"owner": change}) for asset in assets.only("title"))
    return len(pks)


def _select_reassignable(person: User, to: User, *, with_private: bool) -> AssetQuerySet:
    assets = Asset.objects.owned_by(person).exclude(stored_file__in=Asset.objects.owned_by(to).values("stored_file"))
    return assets if with_private else assets.filter(visibility=Visibility.TEAM)
