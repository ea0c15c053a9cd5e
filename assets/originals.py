"""The kept originals: what lets a lost URL be restored, unless the team chose not to keep them."""

from django.conf import settings

from assets.models import LinkStatus, State, StoredFile


def is_here(stored_file: StoredFile) -> bool:
    """Whether the original is kept, and as long as it was when it came."""
    try:
        return bool(stored_file.original) and stored_file.original.size == stored_file.size
    except OSError:
        return False


def is_wanted(stored_file: StoredFile) -> bool:
    """Whether the same bytes, should they come again, are to be kept: to be sent, or for good."""
    is_needed = settings.KEEP_ORIGINALS or stored_file.state != State.STORED or stored_file.is_lost
    return is_needed and not is_here(stored_file)


def drop_if_done(stored_file: StoredFile) -> None:
    """Remove the original of a file whose URL has been verified, where originals are not kept.

    Not while a preview waits for it.
    """
    if settings.KEEP_ORIGINALS:
        return
    # As it is now: preview and verification are made by different tasks, and the later one has to see both.
    stored_file.refresh_from_db()
    if stored_file.link_status != LinkStatus.VERIFIED or not stored_file.original:
        return
    if not stored_file.needs_preview:
        StoredFile.objects.filter(pk=stored_file.pk).update(original="")
        stored_file.original.storage.delete(str(stored_file.original.name))
