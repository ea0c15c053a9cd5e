"""What the log says of trouble that is expected."""

import logging

from django.db import InterfaceError, OperationalError


class DatabaseTroubleFilter(logging.Filter):
    """A database that is locked or away gets a line instead of a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OperationalError | InterfaceError):
            record.msg, record.args = f"{record.getMessage()}: {str(error).strip()}", ()
            record.exc_info = record.exc_text = None
        return True
