"""What a person is about to share: a selection, or a collection with those nested in it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from assets import permissions
from assets.bulk.forms import SelectionForm
from assets.bulk.selection import Selection
from assets.models import Asset, Collection, Share, ShareItem, Visibility
from assets.models.assets import AssetQuerySet
from assets.models.shares import MAX_ITEMS, NAME_LENGTH
from assets.permissions import AuthHttpRequest
from assets.search.pagination import NEWEST
from assets.shares.contents import in_collection
from assets.shares.forms import NewShareForm
from assets.text.formats import MAX_COUNTED, format_count, plural
from assets.text.shorten import shorten

NOTHING_LEFT = "None of these assets can be shared: they are in the trash, or no longer there."
ALL_PRIVATE = "All of these assets are private. Tick the box to show them to visitors, or make them the team’s."
EMPTY = "This collection is empty. Add assets first, or tick “Include what is added later”."
CHANGED = "The selection has changed since you opened this. Check the number and share again."
TOO_MANY = f"More than {MAX_ITEMS:,} assets, the limit for one link. Narrow the search, or include what is added later."


@dataclass(frozen=True)
class Source:
    """`assets` are those of the person's library, in order; `requested` is how many were selected, if one by one."""

    assets: AssetQuerySet
    collection: Collection | None = None
    requested: int = 0
    form: SelectionForm | None = field(default=None, compare=False)

    @cached_property
    def count(self) -> int:
        """Up to `MAX_COUNTED + 1`."""
        return _count(self.assets)

    @cached_property
    def private_count(self) -> int:
        return _count(self.assets.filter(visibility=Visibility.PRIVATE))

    @property
    def left_out(self) -> int:
        return max(0, self.requested - self.count) if self.count <= MAX_COUNTED else 0

    @property
    def is_all_private(self) -> bool:
        return self.private_count == self.count

    @property
    def default_name(self) -> str:
        if self.collection:
            return self.collection.name
        if self.count == 1:
            return shorten(self.assets[0].title, NAME_LENGTH)
        return f"{format_count(self.count)} {plural(format_count(self.count), 'asset', 'assets')}"

    @property
    def page(self) -> str:
        """Where one sees it, as an address or the name of one."""
        if self.collection:
            return reverse("collection", args=[self.collection.pk])
        return self.assets[0].get_absolute_url() if self.requested == 1 else "library"

    def examples(self, limit: int) -> list[Asset]:
        """The first ones that have a preview, of the first few."""
        first = Asset.objects.select_related("stored_file").in_bulk(self.assets.values_list("pk", flat=True)[:limit])
        return [asset for asset in first.values() if asset.stored_file.preview]

    @cached_property
    def fingerprint(self) -> str:
        if self.collection:
            return ""
        pks = list(self.assets.values_list("pk", flat=True)[: MAX_ITEMS + 1])
        _check_count(len(pks))
        return Selection.fingerprint(pks)

    def check(self, form: NewShareForm) -> None:
        """Add to a valid form what speaks against sharing this."""
        is_later = bool(self.collection and form.cleaned_data["includes_later"])
        if not self.count and not is_later:
            form.add_error(None, ValidationError(EMPTY, code="empty"))
        elif self.is_all_private and not form.cleaned_data["includes_private"] and not is_later:
            form.add_error("includes_private", ValidationError(ALL_PRIVATE, code="private"))
        if form.cleaned_data["seen"] not in ("", self.fingerprint):
            form.add_error(None, ValidationError(CHANGED, code="changed"))

    @transaction.atomic
    def share(self, form: NewShareForm, request: AuthHttpRequest, now: datetime) -> Share:
        """Raises ValidationError if there are too many to keep."""
        data = form.cleaned_data
        share = Share(created_by=request.user, collection=self.collection, created_at=now)
        share.includes_private = data["includes_private"]
        share.includes_later = bool(self.collection and data["includes_later"])
        form.apply_to(share, now)
        share.save()
        if not share.includes_later:
            team = self.assets.filter(visibility=Visibility.TEAM)
            _check_count(ShareItem.objects.keep(share, self.assets if share.includes_private else team))
        return share


def _check_count(count: int) -> None:
    if count > MAX_ITEMS:
        raise ValidationError(TOO_MANY, code="too_many")


def _count(assets: AssetQuerySet) -> int:
    return assets.order_by()[: MAX_COUNTED + 1].count()


def read_source(request: AuthHttpRequest, data: QueryDict) -> Source:
    """What a form or a link names: a `collection`, or a selection. Raises ValidationError if there is nothing."""
    source = _of_collection(request, data) if data.get("collection") else _of_selection(request, data)
    if not source.count and not source.collection:
        raise ValidationError(NOTHING_LEFT, code="nothing_there")
    return source


def _of_collection(request: AuthHttpRequest, data: QueryDict) -> Source:
    try:
        pk = uuid.UUID(str(data["collection"]))
    except ValueError:
        raise ValidationError("There is no such collection.", code="unknown") from None
    collection = permissions.get_collection_or_404(request.user, pk=pk)
    assets = in_collection(permissions.visible_assets(request).current(), collection)
    return Source(NEWEST.sort(assets, request.user), collection)


def _of_selection(request: AuthHttpRequest, data: QueryDict) -> Source:
    form = SelectionForm(data)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
    assets = form.selection(request.user).assets.filter(trashed_at=None)
    return Source(assets, requested=len(form.cleaned_data["id"]), form=form)
