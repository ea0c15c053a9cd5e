"""The kept originals: how they are named, opened, verified and replaced.

A row says what its original should be, and nothing keeps a disk from changing that. So whatever is done because of an
original is done only once its bytes have been hashed.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from assets.models import LinkStatus, State, StoredFile

DAMAGED = "The copy on this server is damaged. Upload the file again."
# A preview may take so long after its file was verified.
RECENTLY = timedelta(days=1)


def name_of(sha256: str) -> str:
    """Where an original with this hash is kept."""
    return f"originals/{sha256[:2]}/{sha256}"


def open_original(stored_file: StoredFile) -> File[bytes]:
    """Raises OSError if there is none, or one of another size."""
    if not stored_file.original:
        raise FileNotFoundError(f"The original of {stored_file.pk} is not kept.")
    stream = stored_file.original.storage.open(str(stored_file.original.name))
    if stream.size != stored_file.size:
        stream.close()
        raise OSError(f"The original of {stored_file.pk} has {stream.size} bytes instead of {stored_file.size}.")
    return stream


def open_intact(stored_file: StoredFile) -> File[bytes]:
    """The same, once its hash is confirmed. Raises OSError if it has another one, too."""
    stream = open_original(stored_file)
    try:
        if hashlib.file_digest(stream, "sha256").hexdigest() != stored_file.sha256:
            raise OSError(f"The original of {stored_file.pk} is damaged.")
        stream.seek(0)
    except OSError:
        stream.close()
        raise
    return stream


def is_here(stored_file: StoredFile) -> bool:
    """Whether the original is kept and still has its size."""
    try:
        return bool(stored_file.original) and stored_file.original.size == stored_file.size
    except OSError:
        return False


def is_intact(stored_file: StoredFile) -> bool:
    """Whether the original is kept and still has its hash. Reads it from start to end."""
    try:
        open_intact(stored_file).close()
    except OSError:
        return False
    return True


def has_content(name: str, sha256: str) -> bool:
    """Whether a file of the storage can be read and has this hash."""
    try:
        with default_storage.open(name) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False


def is_needed(stored_file: StoredFile) -> bool:
    """Whether a file has to have an original."""
    return settings.KEEP_ORIGINALS or stored_file.state != State.STORED or stored_file.is_lost


def is_wanted(stored_file: StoredFile) -> bool:
    """Whether the same bytes are needed again. Reads the original from start to end."""
    return is_needed(stored_file) and not is_intact(stored_file)


def keep(stored_file: StoredFile, content: File[bytes]) -> None:
    """Make this content, which has the file's hash, its original. It takes the place of the one that may be there."""
    earlier = stored_file.original.name, stored_file.preview_error
    name = str(stored_file.original.name or name_of(stored_file.sha256))
    if stored_file.error == DAMAGED or not is_here(stored_file):
        # A preview may have failed because of that.
        stored_file.preview_error = ""
    try:
        stored_file.original.save(name, content, save=False)
    except IsADirectoryError:
        stored_file.original.save(f"{name}-2", content, save=False)
    if earlier != (stored_file.original.name, stored_file.preview_error):
        values = {"original": str(stored_file.original.name), "preview_error": stored_file.preview_error}
        StoredFile.objects.filter(pk=stored_file.pk).update(**values)


def drop_if_done(stored_file: StoredFile) -> None:
    """Delete the original of a file if KEEP_ORIGINALS is off, no preview needs it, and its URL was just verified.

    A verified status alone may be old: a first look that fails does not change it, and the database may be restored.
    """
    if settings.KEEP_ORIGINALS:
        return
    # Previews and verifications run in different tasks, and the later one must see both.
    stored_file.refresh_from_db()
    if stored_file.original and not stored_file.needs_preview and _is_just_verified(stored_file):
        StoredFile.objects.filter(pk=stored_file.pk).update(original="")
        stored_file.original.storage.delete(str(stored_file.original.name))


def _is_just_verified(stored_file: StoredFile) -> bool:
    if stored_file.link_status != LinkStatus.VERIFIED or stored_file.link_finding not in ("", LinkStatus.VERIFIED):
        return False
    checked_at = stored_file.link_checked_at
    return checked_at is None or abs(timezone.now() - checked_at) < RECENTLY
