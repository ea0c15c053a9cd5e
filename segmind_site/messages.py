from django.conf import settings
from django.contrib.messages.storage import cookie, fallback
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponseBase


class CookieStorage(cookie.CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(fallback.FallbackStorage):
    """As Django has it, with a cookie that is bound to the host and the path as all others are."""

    storage_classes = (CookieStorage, SessionStorage)

    def update(self, response: HttpResponseBase) -> list[Message] | None:
        unread = super().update(response)
        if CookieStorage.cookie_name in response.cookies:
            response.cookies[CookieStorage.cookie_name]["path"] = settings.SESSION_COOKIE_PATH
        return unread
