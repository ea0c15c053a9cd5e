"""Invitations and password links; closing, reopening and handing over accounts.

A link needs no mail server. It is signed, not stored: it works once, for a few days, and until a newer one is made.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from assets.accounts import roles
from assets.accounts.reassignment import hand_over_assets, hand_over_some, movable
from assets.audit.log import record_changes
from assets.models import Asset, PasswordLink, Role, User

MOST_AT_ONCE = 1000


class PasswordLinks(PasswordResetTokenGenerator):
    """Django's password reset tokens, void as well once a newer one is made or the account is closed."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        link = PasswordLink.objects.filter(person=user).first()
        return f"{super()._make_hash_value(user, timestamp)}{link and link.made_at.timestamp()}"


links = PasswordLinks()


def invite(username: str, *, role: Role, email: str = "") -> User:
    """A new account without a password: `make_link()` lets the person choose one."""
    return User.objects.create_user(username, email, role=role)


def make_link(person: User, now: datetime) -> str:
    """The path of a link to choose a password. Earlier links stop working."""
    PasswordLink.objects.update_or_create(person=person, defaults={"made_at": now})
    record_changes([(person, {"password_link": ("", "made")})])
    encoded = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("password_link", args=[encoded, links.make_token(person)])


def use_link(person: User) -> bool:
    """Void a person's link; False if it is void already."""
    return bool(PasswordLink.objects.filter(person=person).delete()[0])


def send_link(person: User, address: str) -> None:
    """Mail the link. Raises OSError if the mail server does not take it."""
    send_mail(
        "Your account in the Asset Library",
        f"Hello {person.get_username()},\n\nchoose your password here, once, within "
        f"{settings.INVITATION_DAYS:g} days:\n\n{address}\n",
        None,
        [person.email],
    )


def close(person: User) -> None:
    """Keep a person from signing in, and sign them out everywhere. Their assets stay.

    Raises ValidationError for the last administrator.
    """
    with transaction.atomic():
        roles.refuse_last_administrator(person)
        PasswordLink.objects.filter(person=person).delete()
        _set_active(person, False)


def reopen(person: User) -> None:
    _set_active(person, True)


def _set_active(person: User, is_active: bool) -> None:
    person.is_active = is_active
    person.save(update_fields=["is_active"])


@dataclass(frozen=True)
class HandedOver:
    """How many assets go to the other person, now or shortly, and how many stay."""

    moved: int
    stay: int


def hand_over(person: User, to: User, *, with_private: bool = False) -> HandedOver:
    """Give a person's assets to another one; the worker moves large numbers.

    Assets whose file the other one has already stay, and so do private ones unless `with_private`.
    """
    moved = movable(person, to, with_private=with_private).count()
    stay = Asset.objects.owned_by(person).count() - moved
    record_changes([(person, {"entries": ("", f"{moved} to {to.get_username()}")})])
    if moved > MOST_AT_ONCE:
        hand_over_assets.enqueue(person.pk, to.pk, with_private)
    else:
        hand_over_some(person, to, with_private=with_private, most=MOST_AT_ONCE)
    return HandedOver(moved, stay)


def expires_at(now: datetime | None = None) -> datetime:
    """When a link made now expires."""
    return PasswordLink(made_at=now or timezone.now()).expires_at
