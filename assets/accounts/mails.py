"""E-mails that people have asked for: about uploads that failed, and a weekly digest of broken links."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.urls import reverse

from assets.models import Asset, LinkStatus, State, User
from assets.models.assets import AssetQuerySet
from assets.text.formats import pluralise

logger = logging.getLogger(__name__)

MAX_NAMED = 20


@dataclass(frozen=True)
class Mail:
    """One sort of mail. `preference` and `mailed_at` are columns of a person; `find` gives the assets it is about."""

    preference: str
    mailed_at: str
    every: timedelta
    find: Callable[[User, datetime], AssetQuerySet]
    subject: str
    advice: str
    query: str


def _failed_since(person: User, since: datetime) -> AssetQuerySet:
    failed = {"stored_file__state": State.FAILED, "stored_file__failed_at__gt": since}
    return Asset.objects.owned_by(person).current().filter(**failed)


def _broken(person: User, since: datetime) -> AssetQuerySet:
    return Asset.objects.owned_by(person).current().filter(stored_file__link_status=LinkStatus.BROKEN)


MAILS = (
    Mail(
        "gets_failure_mails", "failures_mailed_at", timedelta(minutes=15), _failed_since,
        "{assets} not uploaded", "See why, and retry:", "is:failed",
    ),
    Mail(
        "gets_digest_mails", "digest_mailed_at", timedelta(days=7), _broken,
        "{assets} with a broken link", "Upload them to Segmind again from their originals:", "is:broken",
    ),
)  # fmt: skip


def send_due(now: datetime) -> None:
    """Send what is due. Of several workers, one sends each mail."""
    for mail in MAILS if settings.CAN_MAIL else ():
        is_due = Q(**{f"{mail.mailed_at}__lte": now - mail.every}) | Q(**{mail.mailed_at: None})
        for person in User.objects.active().exclude(email="").filter(is_due, **{mail.preference: True}):
            _send(mail, person, now)


def _send(mail: Mail, person: User, now: datetime) -> None:
    before: datetime | None = getattr(person, mail.mailed_at)
    row = User.objects.filter(pk=person.pk)
    if not row.filter(**{mail.mailed_at: before}).update(**{mail.mailed_at: now}):
        return
    # What failed before the person asked for mails is on the activity page.
    assets = mail.find(person, before or now)
    if not assets.exists():
        return
    try:
        send_mail(_subject(mail, assets), _text(mail, person, assets), None, [person.email])
    except OSError as error:
        logger.warning("The mail server did not accept a mail: %s", type(error).__name__)
        row.update(**{mail.mailed_at: before})


def _subject(mail: Mail, assets: AssetQuerySet) -> str:
    return mail.subject.format(assets=pluralise(assets.count(), "asset"))


def _text(mail: Mail, person: User, assets: AssetQuerySet) -> str:
    titles = [f"- {title}" for title in assets.order_by("-created_at").values_list("title", flat=True)[:MAX_NAMED]]
    count = assets.count()
    more = [f"and {count - MAX_NAMED} more"] if count > MAX_NAMED else []
    address = f"{settings.SITE_URL}{reverse('library')}?q={mail.query}+by:me"
    lines = [
        f"Hello {person.get_username()},", "", f"{_subject(mail, assets)}:", "", *titles, *more, "", mail.advice,
        address, "", f"You asked for this e-mail. Change that at {settings.SITE_URL}{reverse('account')}",
    ]  # fmt: skip
    return "\n".join(lines)
