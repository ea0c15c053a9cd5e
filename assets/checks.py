"""What `manage.py check` says of a configuration that cannot work, and how to mend it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from assets.segmind.responses import is_loopback


@register()
def segmind_settings(**options: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if not settings.SEGMIND_API_KEY:
        errors.append(
            Error(
                "SEGMIND_API_KEY is not set, so nothing could be uploaded.",
                hint="Set it to your key (SG_ and 16 digits), or set DEBUG=true to use the sandbox.",
                id="assets.E001",
            )
        )
    elif not settings.SEGMIND_API_KEY.isascii() or not settings.SEGMIND_API_KEY.isprintable():
        errors.append(
            Error(
                "SEGMIND_API_KEY has characters that no key has.",
                hint="Copy it again, without quotation marks or line breaks.",
                id="assets.E002",
            )
        )
    errors += [
        Error(
            f"{name} does not begin with https://, so the key would travel in the clear.",
            hint="Remove it to use Segmind's own address; http is for a loopback address with DEBUG on.",
            id="assets.E003",
        )
        for name in ("SEGMIND_UPLOAD_URL", "SEGMIND_CREDITS_URL")
        if not _is_safe(getattr(settings, name))
    ]
    return errors


def _is_safe(url: str) -> bool:
    address = urlsplit(url)
    is_local = settings.DEBUG and is_loopback(address.hostname or "")
    return address.scheme == "https" or (address.scheme == "http" and is_local)
