"""What the log says of trouble that is expected."""

import logging
import re

from django.db import InterfaceError, OperationalError

_TOKEN = re.compile(r"/s/[\w%-]+")


class DatabaseTroubleFilter(logging.Filter):
    """A database that is locked or away gets a line instead of a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = _find_database_trouble(record.exc_info[1] if record.exc_info else None)
        if error is not None:
            record.msg, record.args = f"{record.getMessage()}: {str(error).strip()}", ()
            record.exc_info = record.exc_text = None
        return True


class RefusedRequestFilter(logging.Filter):
    """A request that is refused, to somebody who may not or for another host, gets a line instead of a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        is_warning = record.name == "django.request" and record.levelno < logging.ERROR
        if is_warning or record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True


class ShareTokenFilter(logging.Filter):
    """The address of a share opens it, so that no log has all of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "/s/" in (message := record.getMessage()):
            record.msg, record.args = hide_token(message), ()
        return True


def hide_token(text: str) -> str:
    return _TOKEN.sub("/s/…", text)


def _find_database_trouble(error: BaseException | None) -> BaseException | None:
    """The error itself, or the one that it comes from."""
    while error is not None and not isinstance(error, OperationalError | InterfaceError):
        error = error.__cause__ or error.__context__
    return error
