"""Links that show some assets to people without an account."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from .assets import Asset, AssetQuerySet
from .collections import Collection
from .labels import RowCount
from .users import User

NAME_LENGTH = 200
SHARER_LENGTH = 100
PASSWORD_LENGTH = 128
# Of a collection larger than this, a share can only show what is in it at the time.
MAX_ITEMS = 100_000
UNDO_FOR = timedelta(hours=1)
KEEP = "INSERT INTO assets_shareitem (share_id, asset_id) SELECT %s, chosen.id FROM"


class ShareQuerySet(models.QuerySet["Share"]):
    def made_by(self, user: User) -> "ShareQuerySet":
        return self.filter(created_by=user.pk)

    def newest_first(self) -> "ShareQuerySet":
        return self.order_by("-created_at", "-id")

    def before(self, created_at: datetime, pk: uuid.UUID) -> "ShareQuerySet":
        """Those that follow that one, newest first."""
        return self.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=pk))

    def with_people(self) -> "ShareQuerySet":
        return self.select_related("created_by", "revoked_by", "collection")

    def with_item_count(self, *, limit: int) -> "ShareQuerySet":
        """With `item_count`: the assets that were chosen, counted up to a limit."""
        items = ShareItem.objects.filter(share=OuterRef("pk")).order_by().values("pk")
        return self.annotate(item_count=RowCount(items[:limit]))

    def count_view(self, pk: uuid.UUID, now: datetime) -> None:
        self.filter(pk=pk).update(views=F("views") + 1, last_viewed_at=now)


class Share(models.Model):
    """A link to assets. What it shows is what `created_by` may see at that time, of what was chosen.

    That is the assets of its items or, with `includes_later`, whatever is in its collection. The link is not stored:
    `assets.shares.links` derives it from the id and the secret key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    name = models.CharField(max_length=NAME_LENGTH)
    sharer_name = models.CharField(max_length=SHARER_LENGTH, blank=True, help_text="Who shares it, for visitors.")
    # Without a constraint, so that code of before, which knows of no shares, can delete the collection.
    collection = models.ForeignKey(
        Collection, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    includes_later = models.BooleanField(default=False, help_text="Shows what is added to the collection later.")
    includes_private = models.BooleanField(default=False, help_text="Shows private assets of the person, too.")
    shows_urls = models.BooleanField(default=False, help_text="Shows Segmind URLs.")
    allows_downloads = models.BooleanField(default=False, help_text="Plays and gives out originals.")
    password = models.CharField(max_length=PASSWORD_LENGTH, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    views = models.PositiveIntegerField(default=0, editable=False)
    last_viewed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="share_newest"),
            models.Index(fields=["created_by", "-created_at", "-id"], name="share_own_newest"),
        ]

    def __str__(self) -> str:
        # Written to logs that other people read. Its name may be the title of a private asset.
        return f"a share of {self.created_by.get_username()}"

    def get_absolute_url(self) -> str:
        return reverse("share", args=[self.pk])

    @property
    def is_private(self) -> bool:
        """Whether it may show, or be named after, what only its maker sees in the library."""
        return self.includes_private or bool(self.collection and self.collection.private_to_id)

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def revoke(self, by: User, now: datetime) -> None:
        self.revoked_at, self.revoked_by = now, by
        self.save(update_fields=["revoked_at", "revoked_by"])

    def may_be_restored(self, by: User, now: datetime) -> bool:
        """For a while, whoever revoked it may undo that."""
        return self.revoked_by_id == by.pk and self.revoked_at is not None and now - self.revoked_at < UNDO_FOR

    def restore(self) -> None:
        self.revoked_at = self.revoked_by = None
        self.save(update_fields=["revoked_at", "revoked_by"])


class ShareItemManager(models.Manager["ShareItem"]):
    def first_of(self, shares: Iterable[Share]) -> dict[uuid.UUID, uuid.UUID]:
        """The first asset of each share, if it has any."""
        items = self.filter(share=OuterRef("pk")).order_by("pk").values("asset")[:1]
        first = Subquery(items, output_field=models.UUIDField())
        found = Share.objects.filter(pk__in=[share.pk for share in shares]).annotate(first=first)
        return dict(found.filter(first__isnull=False).order_by().values_list("pk", "first"))

    def keep(self, share: Share, assets: AssetQuerySet) -> int:
        """Add sorted assets to a share, in their order; returns how many.

        In one statement: of 100,000, the ORM would make as many objects, and nobody else could write meanwhile.
        """
        sql, params = assets.values("id").query.sql_with_params()
        share_pk = Share._meta.pk.get_db_prep_value(share.pk, connection)
        insert = " ".join((KEEP, "(", sql, ") AS chosen"))
        with connection.cursor() as cursor:
            cursor.execute(insert, [share_pk, *params])
            return int(cursor.rowcount)


class ShareItem(models.Model):
    """An asset that was chosen for a share. They are shown in the order of their ids."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="items", db_index=False)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="share_items", db_constraint=False)

    objects = ShareItemManager()

    class Meta:
        indexes = [models.Index(fields=["share", "id"], name="share_item_order")]
        constraints = [models.UniqueConstraint(fields=["share", "asset"], name="share_item_once")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.share_id}"
