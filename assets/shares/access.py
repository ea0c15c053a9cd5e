"""Which shares are open, and to whom: the link, and a password where there is one."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import models
from django.utils.crypto import salted_hmac

from assets import permissions
from assets.models import Collection, Share
from assets.shares import links

# So long after the password was entered, it has to be entered again.
UNLOCKED_FOR = timedelta(days=1)
_SALT = "assets.shares.access"


class ShareState(models.TextChoices):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CLOSED = "closed"


def get_state(share: Share, now: datetime) -> ShareState:
    """Closed: its maker may no longer share, or no longer sees its collection."""
    if share.is_revoked:
        return ShareState.REVOKED
    if share.is_expired(now):
        return ShareState.EXPIRED
    is_kept = permissions.may_share(share.created_by) and not _has_lost_collection(share)
    return ShareState.ACTIVE if is_kept else ShareState.CLOSED


def _has_lost_collection(share: Share) -> bool:
    collection: Collection | None = share.collection
    if not share.includes_later:
        return False
    return collection is None or collection.private_to_id not in (None, share.created_by_id)


def find_open(token: str, now: datetime) -> Share | None:
    """The active share of a link."""
    pk = links.read_token(token)
    share = Share.objects.with_people().filter(pk=pk).first() if pk else None
    return share if share and get_state(share, now) == ShareState.ACTIVE else None


# --- Passwords ---------------------------------------------------------------------------------------------------


def throttled_name(share: Share) -> str:
    """The name by which `login_throttle` knows it. No username has a blank."""
    return f"share {share.pk}"


def make_pass(share: Share) -> str:
    """What a visitor's browser keeps once the password was right. A new password ends it."""
    return signing.TimestampSigner(salt=_SALT).sign(_fingerprint(share))


def is_pass(share: Share, text: str) -> bool:
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(text, max_age=UNLOCKED_FOR) == _fingerprint(share)
    except signing.BadSignature:
        return False


def _fingerprint(share: Share) -> str:
    return salted_hmac(_SALT, f"{share.pk} {share.password}", algorithm="sha256").hexdigest()
