"""Personal tokens, with which programs use the API in the name of a person."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import constant_time_compare, get_random_string

from .users import Role, User

NAME_LENGTH = 60
START = "sal_"
SECRET_LENGTH = 40
# As much of a token as is kept and shown: enough to recognise it, and useless to anybody.
PREFIX_LENGTH = len(START) + 8
DIGEST_LENGTH = 64
SEEN_EVERY = timedelta(minutes=1)
SCOPES_LENGTH = 60


class Scope(models.TextChoices):
    """What a token may be used for. None of them includes another."""

    READ = "read", "Read"
    UPLOAD = "upload", "Upload"
    WRITE = "write", "Write"
    ADMIN = "admin", "Admin"

    @property
    def description(self) -> str:
        return _DESCRIPTIONS[self]

    @classmethod
    def allowed_for(cls, role: Role) -> list["Scope"]:
        """Those that the owner of a token can give it."""
        return [scope for scope in cls if _LOWEST_ROLES[scope].rank <= role.rank]


_DESCRIPTIONS = {
    Scope.READ: "search, look and download",
    Scope.UPLOAD: "add files",
    Scope.WRITE: "edit, organise, share and delete",
    Scope.ADMIN: "manage the queue and webhooks",
}
_LOWEST_ROLES = {
    Scope.READ: Role.VIEWER,
    Scope.UPLOAD: Role.MEMBER,
    Scope.WRITE: Role.MEMBER,
    Scope.ADMIN: Role.MANAGER,
}


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def find(self, secret: str) -> "PersonalToken | None":
        """The token with this secret, with its owner, whether or not it has expired."""
        found = self.select_related("person").filter(prefix=secret[:PREFIX_LENGTH]).first()
        # A look-up by the digest itself would tell by its time how much of it is right.
        return found if found and constant_time_compare(found.digest, make_digest(secret)) else None

    def see(self, pk: uuid.UUID, client_ip: str | None, now: datetime) -> None:
        """Note its use, at most once a minute."""
        seen_long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY)
        self.filter(seen_long_ago, pk=pk).update(last_used_at=now, last_used_ip=client_ip)


class PersonalToken(models.Model):
    """The secret itself is not stored. A revoked token is deleted, and so are all those of a closed account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_LENGTH)
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST_LENGTH, editable=False)
    scopes = models.CharField(max_length=SCOPES_LENGTH, help_text="separated by spaces")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(null=True, blank=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def set_secret(self) -> str:
        """Give it a new secret, and return that: nothing can tell it later."""
        secret = START + get_random_string(SECRET_LENGTH)
        self.prefix, self.digest = secret[:PREFIX_LENGTH], make_digest(secret)
        return secret

    @property
    def scope_list(self) -> list[Scope]:
        return [scope for scope in Scope if scope in self.scopes.split()]

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now

    def is_seen(self, now: datetime) -> bool:
        """Whether its use was noted just now."""
        return self.last_used_at is not None and self.last_used_at >= now - SEEN_EVERY

    def belongs_to(self, user: User) -> bool:
        return self.person_id == user.pk


def make_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
