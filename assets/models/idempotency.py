"""What the API answered, so that a request that is sent again is not carried out again."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction

from .tokens import DIGEST_LENGTH, PersonalToken

KEY_LENGTH = 255
KEPT_FOR = timedelta(days=1)
# A request that is older has died with its process.
MAX_DURATION = timedelta(minutes=15)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def expired(self, now: datetime) -> Self:
        is_dead = models.Q(status=None, begun_at__lt=now - MAX_DURATION)
        return self.filter(is_dead | models.Q(begun_at__lt=now - KEPT_FOR))

    def claim(self, token: PersonalToken, key: str, now: datetime) -> tuple["KeptAnswer", bool]:
        """The row of this key, and whether it is new: then the request is to be carried out."""
        with transaction.atomic():
            self.expired(now).filter(token=token, key=key).delete()
            return self.get_or_create(token=token, key=key, defaults={"begun_at": now})


class KeptAnswer(models.Model):
    """The answer to a POST with an Idempotency-Key; without a status, the request is in progress."""

    token = models.ForeignKey(PersonalToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=KEY_LENGTH)
    fingerprint = models.CharField(max_length=DIGEST_LENGTH, blank=True, help_text="of the request")
    begun_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"an answer of {self.begun_at:%Y-%m-%d %H:%M}"
