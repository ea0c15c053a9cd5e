"""Restores a damaged or missing original from what its URL serves."""

import errno
import fcntl
import logging
import os

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction

from assets import disk, originals
from assets.audit.log import record_changes
from assets.links import fetch
from assets.links.fetch import Throttle
from assets.models import StoredFile

logger = logging.getLogger(__name__)


def restore_original(file: StoredFile, *, throttle: Throttle | None = None) -> bool:
    """Fetch the whole file and keep it as its original. False if its URL serves something else.

    Raises fetch.GoneError or fetch.UnreachableError.
    """
    try:
        if disk.free_bytes() < file.size:
            raise OSError(errno.ENOSPC, "Only the reserve is left")
        with TemporaryUploadedFile("restored", file.media_type, file.size, None) as content:
            # As for an upload: without a lock it would be taken for an abandoned one.
            fcntl.flock(content, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if fetch.fetch_sha256(file.url, max_bytes=file.size, target=content, throttle=throttle) != file.sha256:
                return False
            content.flush()
            os.fsync(content.fileno())
            _keep(file, content)
    except OSError as error:
        logger.warning("The original of %s could not be restored: %s", file.pk, error)
        return fetch.fetch_sha256(file.url, max_bytes=file.size, throttle=throttle) == file.sha256
    return True


@transaction.atomic
def _keep(file: StoredFile, content: TemporaryUploadedFile) -> None:
    # Locked, so that no original is kept of a file that has just been released.
    if StoredFile.objects.select_for_update().filter(pk=file.pk).exclude(original="").exists():
        originals.keep(file, content)
        record_changes([(file, {"original": ("damaged", "restored from its URL")})], actor="link check")
        logger.info("Restored the original of %s from its URL", file.pk)
