"""The kept originals, from which lost links are re-uploaded."""

from django.conf import settings

from assets.models import LinkStatus, State, StoredFile


def is_here(stored_file: StoredFile) -> bool:
    """Whether the original is kept and still has its size."""
    try:
        return bool(stored_file.original) and stored_file.original.size == stored_file.size
    except OSError:
        return False


def is_wanted(stored_file: StoredFile) -> bool:
    """Whether the same bytes are kept if they are uploaded again."""
    is_needed = settings.KEEP_ORIGINALS or stored_file.state != State.STORED or stored_file.is_lost
    return is_needed and not is_here(stored_file)


def drop_if_done(stored_file: StoredFile) -> None:
    """Delete the original of a file with a verified URL if KEEP_ORIGINALS is off and no preview needs it."""
    if settings.KEEP_ORIGINALS:
        return
    # Previews and verifications run in different tasks, and the later one must see both.
    stored_file.refresh_from_db()
    if stored_file.link_status != LinkStatus.VERIFIED or not stored_file.original:
        return
    if not stored_file.needs_preview:
        StoredFile.objects.filter(pk=stored_file.pk).update(original="")
        stored_file.original.storage.delete(str(stored_file.original.name))
