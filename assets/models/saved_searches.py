"""Searches that people keep under a name, for themselves or for the team."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from assets.text.normalise import clean_name, normalise_name

from .users import User

NAME_LENGTH = 60
TEXT_LENGTH = 500
# For each person, and for the team.
MAX_SAVED_SEARCHES = 50


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: User) -> "SavedSearchQuerySet":
        """The person's own and the team's, in their order: the own ones first."""
        return self.filter(Q(owner=user.pk) | Q(owner=None)).order_by(F("owner").asc(nulls_last=True), "position", "pk")

    def pinned(self) -> "SavedSearchQuerySet":
        return self.filter(is_pinned=True)

    def of(self, owner: User | None) -> "SavedSearchQuerySet":
        """Those of a person, or with None the team's, in their order."""
        return self.filter(owner=owner and owner.pk).order_by("position", "pk")


class SavedSearch(models.Model):
    """`text` and `sort` are what the search box and the address hold. Without an owner, it is the team's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="saved_searches",
        help_text="the only person who sees it; empty for one of the team",
    )
    name = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=2 * NAME_LENGTH + 20, unique=True, editable=False)
    text = models.CharField(max_length=TEXT_LENGTH, blank=True)
    sort = models.CharField(max_length=20, blank=True, help_text="the name of an order; empty for newest first")
    is_pinned = models.BooleanField(default=True, help_text="Shown in the sidebar.")
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SavedSearchQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = clean_name(self.name)
        self.key = self.make_key(self.owner_id, self.name)
        super().save(*args, **kwargs)

    @property
    def is_team(self) -> bool:
        return self.owner_id is None

    @property
    def url(self) -> str:
        """The library with this search, which shows its name."""
        parameters = {"q": self.text, "sort": self.sort, "saved": str(self.pk)}
        return f"{reverse('library')}?{urlencode({name: value for name, value in parameters.items() if value})}"

    @staticmethod
    def make_key(owner_id: int | None, name: str) -> str:
        """The same for every way to write a name, among those of one person or of the team."""
        return f"{owner_id or ''}/{normalise_name(name)[: 2 * NAME_LENGTH]}"
