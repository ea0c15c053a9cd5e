"""Favourites, and when a person last used an asset."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from assets.models.assets import Asset
from assets.models.users import User


class Favourite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "asset"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.asset}"


class UseQuerySet(models.QuerySet["Use"]):
    def record(self, user: User, assets: Iterable[Asset], now: datetime) -> None:
        """Set the time of use; one row per person and asset."""
        Use.objects.bulk_create(
            [Use(user_id=user.pk, asset=asset, used_at=now) for asset in assets],
            update_conflicts=True,
            unique_fields=["user", "asset"],
            update_fields=["used_at"],
        )


class Use(models.Model):
    """When a person last used an asset: copied its URL or a snippet, or downloaded it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uses")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="uses")
    used_at = models.DateTimeField()

    objects = UseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "asset"], name="use_once")]
        indexes = [models.Index(fields=["user", "-used_at", "-asset"], name="use_latest")]

    def __str__(self) -> str:
        return f"{self.user}: {self.asset}"
