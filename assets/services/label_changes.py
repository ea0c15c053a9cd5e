"""Tags and collections that give way to others, a batch of entries at a time."""

from django.db import transaction
from django.utils import timezone

from assets.models import Asset
from assets.models.labels import Label
from assets.services import history


@transaction.atomic
def take_over(source: Label, target: Label | None, *, most: int) -> bool:
    """Give so many entries of a tag or collection to another one, or to none; True where more are left.

    It goes with its last entry, unless something has been nested in it meanwhile.
    """
    links, column = source.links()
    of_source = links.objects.filter(**{column: source.pk})
    pks = list(of_source.order_by("asset").values_list("asset", flat=True)[:most])
    if target:
        links.objects.bulk_create(
            [links(asset_id=pk, **{column: target.pk}) for pk in pks],
            ignore_conflicts=True,
        )
    of_source.filter(asset__in=pks).delete()
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(updated_at=timezone.now())
    assets.reindex()
    change = (str(source), str(target or ""))
    history.note((asset, {source.ON_ASSET: change}) for asset in assets.only("title"))
    if len(pks) < most and not source.is_needed():
        source.delete()
    return len(pks) == most
