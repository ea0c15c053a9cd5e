"""Personal tokens: making, using and revoking them."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.text import get_text_list

from assets import permissions
from assets.accounts import login_throttle
from assets.audit.log import record_changes
from assets.models import PersonalToken, User
from assets.models.tokens import SECRET_LENGTH, START, Scope

MAX_TOKENS = 50
DEFAULT_DAYS = 90
MAX_DAYS = 366
# Whoever sends the same wrong token again and again has only forgotten to replace it.
MAX_FREE_PER_IP = 50
_SECRET = re.compile(rf"{START}[A-Za-z0-9]{{{SECRET_LENGTH}}}", re.ASCII)


def allowed_scopes(person: User) -> list[Scope]:
    """Never more than the role allows. Empty for a closed account."""
    role = permissions.get_role(person)
    return Scope.allowed_for(role) if role else []


def create(person: User, *, name: str, scopes: Iterable[str], days: int, now: datetime) -> tuple[PersonalToken, str]:
    """A new token, and its secret, which is shown once."""
    token = PersonalToken(person=person, name=name, created_at=now, expires_at=now + timedelta(days=days))
    token.scopes = " ".join(scope for scope in Scope if scope in set(scopes))
    secret = token.set_secret()
    with transaction.atomic():
        token.save(force_insert=True)
        record_changes([(person, {"token_created": ("", describe(token))})])
    return token, secret


def revoke(token: PersonalToken) -> None:
    with transaction.atomic():
        if PersonalToken.objects.filter(pk=token.pk).delete()[0]:
            record_changes([(token.person, {"token_revoked": (describe(token), "")})])


def describe(token: PersonalToken) -> str:
    """What it is and may do, without its secret."""
    return f"{token}: {name_scopes(token.scope_list)}"


def name_scopes(scopes: Iterable[Scope]) -> str:
    return get_text_list([scope.value for scope in scopes], "and")


def effective_scopes(token: PersonalToken) -> list[Scope]:
    """What the token may do now: its owner may have another role than when it was made."""
    allowed = allowed_scopes(token.person)
    return [scope for scope in token.scope_list if scope in allowed]


def find(secret: str) -> PersonalToken | None:
    """The token with this secret, if its owner's account is open; it may have expired."""
    token = PersonalToken.objects.find(secret) if _SECRET.fullmatch(secret) else None
    return token if token and token.person.is_active else None


def see(token: PersonalToken, client_ip: str | None, now: datetime) -> None:
    """A database that is busy or full keeps nobody from reading."""
    if not token.is_seen(now):
        with suppress(OperationalError):
            PersonalToken.objects.see(token.pk, client_ip, now)


def claim_wrong(client_ip: str, now: datetime) -> timedelta | None:
    """Count a wrong token from this IP address: None, or how long to wait before the next one."""
    return login_throttle.claim_address("token", client_ip, now, free=MAX_FREE_PER_IP)
