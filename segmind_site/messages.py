from django.conf import settings
from django.contrib.messages.storage import cookie, fallback
from django.contrib.messages.storage.session import SessionStorage


class CookieStorage(cookie.CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(fallback.FallbackStorage):
    """As Django has it, with a cookie that is bound to the host as all others are."""

    storage_classes = (CookieStorage, SessionStorage)
