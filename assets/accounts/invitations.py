"""Accounts of people: invited by a link, given another one for a new password, closed, opened again, handed over.

A link works without mail. It is made of the account as it is (see `PasswordLinks`), works once and for a few days, and
is nowhere kept.
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
    """Django's tokens for a new password, good until used, until another one is made, or the account is closed."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        link = PasswordLink.objects.filter(person=user).first()
        return f"{super()._make_hash_value(user, timestamp)}{link and link.made_at.timestamp()}"


links = PasswordLinks()


def invite(username: str, *, role: Role, email: str = "") -> User:
    """A new account with that role, whose password is to be chosen by a link: see `make_link()`."""
    return User.objects.create_user(username, email, role=role)


def make_link(person: User, now: datetime) -> str:
    """The path of a link by which a person may choose a password; an earlier one is void from now on."""
    PasswordLink.objects.update_or_create(person=person, defaults={"made_at": now})
    record_changes([(person, {"password_link": ("", "made")})])
    encoded = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("password_link", args=[encoded, links.make_token(person)])


def use_link(person: User) -> bool:
    """Void the link of a person, as it is used; False where somebody else was quicker."""
    return bool(PasswordLink.objects.filter(person=person).delete()[0])


def send_link(person: User, address: str) -> None:
    """Send the link to a person by mail. Raises OSError where the mail server does not take it."""
    send_mail(
        "Your account in the Asset Library",
        f"Hello {person.get_username()},\n\nchoose your password here, once, within "
        f"{settings.INVITATION_DAYS:g} days:\n\n{address}\n",
        None,
        [person.email],
    )


def close(person: User) -> None:
    """Let a person sign in no more, and end where they are signed in. Their entries stay.

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
    """How many entries are another person's now, or will be shortly, and how many stay."""

    moved: int
    stay: int


def hand_over(person: User, to: User, *, with_private: bool = False) -> HandedOver:
    """Give a person's entries to another one: many by the worker, a batch at a time.

    Those of contents that the other one has already stay, and private ones unless they are to go too.
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
    """Until when a link that is made now works."""
    return PasswordLink(made_at=now or timezone.now()).expires_at
