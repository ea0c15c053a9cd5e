"""The secret in the address of a share.

It is the share's id with a signature. The database holds the id alone, so that whoever reads a copy of it cannot open
a share, while its maker can copy the link again. Another `SECRET_KEY` ends all links.
"""

import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from assets.models import Share

ID_BYTES = SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def make_token(share: Share) -> str:
    """Letters, digits, `-` and `_`."""
    return _make_token(share.pk)


def read_token(token: str) -> uuid.UUID | None:
    """The id of the share, if the token is the one that we made: other texts can decode to the same bytes."""
    if not _TOKEN.fullmatch(token):
        return None
    pk = uuid.UUID(bytes=urlsafe_b64decode(f"{token}=")[:ID_BYTES])
    return pk if constant_time_compare(token, _make_token(pk)) else None


def make_link(request: HttpRequest, share: Share) -> str:
    return request.build_absolute_uri(reverse("shared", args=[make_token(share)]))


def _make_token(pk: uuid.UUID) -> str:
    return urlsafe_b64encode(pk.bytes + _sign(pk)).rstrip(b"=").decode()


def _sign(pk: uuid.UUID) -> bytes:
    return salted_hmac("assets.shares.links", pk.bytes, algorithm="sha256").digest()[:SIGNATURE_BYTES]
