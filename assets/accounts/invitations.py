"""Invitations and password links; closing and reopening accounts, ending sessions.

A link needs no mail server. It is signed, not stored: it works once, for a few days, and until a newer one is made.
"""

import re
from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from assets.accounts import roles
from assets.audit.log import record_changes
from assets.models import PasswordLink, Role, User

_LINK_END = re.compile(r"(?:^|[#/])([\w-]{1,40})/([\w-]{1,100})/?\s*\Z", re.ASCII)
_EMAIL_TEXT = """\
Hello {username},

Choose your password for the Asset Library:

{url}

The link works once, until {expires_at}.
"""


class PasswordLinks(PasswordResetTokenGenerator):
    """Django's password reset tokens, which also stop working when a newer one is made or the account is closed."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        link = PasswordLink.objects.filter(person=user).first()
        return f"{super()._make_hash_value(user, timestamp)}{link and link.made_at.timestamp()}"


links = PasswordLinks()


def invite(username: str, *, role: Role, email: str = "") -> User:
    """Create an account without a password; `make_link()` lets the person choose one."""
    return User.objects.create_user(username, email, role=role)


def make_link(person: User, now: datetime) -> str:
    """The path of a new link to choose a password. Earlier links stop working.

    What is secret in it stands behind a #, which browsers do not send: it appears in no log of a server or proxy.
    """
    PasswordLink.objects.update_or_create(person=person, defaults={"made_at": now})
    record_changes([(person, {"password_link": ("", "made")})])
    encoded = urlsafe_base64_encode(force_bytes(person.pk))
    return f"{reverse('open_password_link')}#{encoded}/{links.make_token(person)}"


def parse_link(text: str) -> tuple[str, str] | None:
    """The encoded id of the person and the token in a link, or in the part of it behind the #."""
    match = _LINK_END.search(text)
    return (match[1], match[2]) if match else None


def use_link(person: User) -> bool:
    """Use up a person's link; False if it no longer works."""
    return bool(PasswordLink.objects.filter(person=person).delete()[0])


def send_link(person: User, url: str, *, expires_at: datetime) -> None:
    """Raises OSError if the mail server does not accept it."""
    send_mail(
        "Your Asset Library account",
        _EMAIL_TEXT.format(
            username=person.get_username(), url=url, expires_at=f"{timezone.localtime(expires_at):%-d %b %Y, %H:%M %Z}"
        ),
        None,
        [person.email],
    )


def get_expiry(now: datetime) -> datetime:
    """When a link made now expires."""
    return PasswordLink(made_at=now).expires_at


def close(person: User) -> None:
    """Keep a person from signing in, and sign them out everywhere. Their assets stay.

    Raises ValidationError for the last administrator.
    """
    with transaction.atomic():
        roles.refuse_last_administrator(person)
        PasswordLink.objects.filter(person=person).delete()
        _set_active(person, False)


def reopen(person: User) -> None:
    """Let a person sign in again. The sessions from before stay ended."""
    _set_active(person, True)


def sign_out_everywhere(person: User) -> None:
    with transaction.atomic():
        person.end_sessions()
        record_changes([(person, {"sessions": ("", "ended")})])


def _set_active(person: User, is_active: bool) -> None:
    person.is_active = is_active
    person.save(update_fields=["is_active"])
