"""Make previews of stored files, each in a process of its own, and store them beside the originals."""

import logging
import shutil
import signal
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django_tasks import task

from assets import originals
from assets.media.rows import WITHOUT_VIDEO
from assets.models import StoredFile
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.models.tasks import LOOK_AGAIN, enqueue_all, find_again, overdue
from assets.previews import limited_process
from assets.previews.limited_process import Answer
from assets.previews.makers import TOO_COMPLEX, DamagedError, NoPreviewError, Preview
from assets.text.shorten import shorten

logger = logging.getLogger(__name__)

SUFFIXES = {"image/webp": "webp", "image/svg+xml": "svg"}
PLACEHOLDER_BYTES = 90
MAX_DIMENSION = 2**31 - 1
MAX_DURATION = 1e9
MAX_REASON_LENGTH = 200
# What a decoder may need for a pixel, with all copies.
PIXEL_BYTES = 12
# Of formats whose decoders do not tell a lack of memory from damage.
HIDING_TYPES = ("image/avif", "image/heic", "image/heif", "image/webp")


def render_preview(stored_file: StoredFile, *, again: bool = False) -> bool:
    """Make the preview of a file that has none; with `again`, replace one that is there.

    Returns whether the file has a preview now. If it cannot have one, its row says why. Raises OSError if the disk is
    full or fails, which says nothing about the file.
    """
    if not (stored_file.needs_preview or (again and stored_file.may_have_preview)):
        return False
    rows = StoredFile.objects.filter(pk=stored_file.pk)
    try:
        with open_local(stored_file) as original:
            preview = _run_maker(original, stored_file)
    except NoPreviewError as error:
        logger.warning("No preview of %s: %s", stored_file.pk, error)
        rows.record_no_preview(str(error))
        if isinstance(error, DamagedError):
            rows.record_damage()
    else:
        _save(preview, stored_file)
        _correct_type(preview, stored_file)
    if current := rows.first():
        originals.drop_if_done(current)
    return bool(current and current.preview)


def _save(preview: Preview, stored_file: StoredFile) -> None:
    name = f"previews/{stored_file.sha256[:2]}/{stored_file.sha256}.{SUFFIXES[preview.media_type]}"
    stored_file.preview.save(name, ContentFile(preview.data), save=False)
    StoredFile.objects.filter(pk=stored_file.pk).record_preview(
        str(stored_file.preview.name),
        placeholder=preview.placeholder,
        is_animated=preview.is_animated,
        width=preview.width,
        height=preview.height,
        duration=preview.duration,
    )


def _correct_type(preview: Preview, stored_file: StoredFile) -> None:
    """Containers without video were once received as videos."""
    if stored_file.media_type in WITHOUT_VIDEO and preview.width is None:
        sound = WITHOUT_VIDEO[stored_file.media_type]
        StoredFile.objects.filter(pk=stored_file.pk).correct_media_type(sound)


def open_local(stored_file: StoredFile) -> AbstractContextManager[IO[bytes]]:
    """The original as a local file; a temporary copy if the storage is remote."""
    try:
        return Path(stored_file.original.path).open("rb")
    except NotImplementedError:  # the storage has no paths
        return _copy_original(stored_file)
    except FileNotFoundError:
        raise NoPreviewError("The original is missing from the storage.") from None


@contextmanager
def _copy_original(stored_file: StoredFile) -> Iterator[IO[bytes]]:
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy, stored_file.original.open() as original:
        shutil.copyfileobj(original, copy)
        copy.seek(0)
        yield copy


def _run_maker(original: IO[bytes], stored_file: StoredFile) -> Preview:
    answer = limited_process.run("preview", original, stored_file.media_type)
    if answer.signal in (signal.SIGALRM, signal.SIGXCPU):
        raise NoPreviewError(f"Rendering took longer than the {settings.PREVIEW_CPU_SECONDS} s limit.")
    code = answer.facts.get("code")
    if code == "out_of_memory" or (code == "damaged" and _may_exceed_memory(stored_file)):
        raise NoPreviewError(_describe_memory(stored_file))
    if reason := answer.facts.get("reason"):
        kind = DamagedError if code == "damaged" else NoPreviewError
        text = str(reason).replace("\0", "").encode(errors="replace").decode()
        raise kind(shorten(text, MAX_REASON_LENGTH))
    return _parse(answer)


def _may_exceed_memory(stored_file: StoredFile) -> bool:
    """Whether its decoder may have had too little memory without saying so."""
    is_hidden = stored_file.media_type in HIDING_TYPES
    return is_hidden and _count_pixels(stored_file) * PIXEL_BYTES > settings.PREVIEW_MEMORY_BYTES


def _describe_memory(stored_file: StoredFile) -> str:
    pixels = _count_pixels(stored_file) / 1_000_000
    size = f"The image has {pixels:,.0f} megapixels. " if pixels >= 1 else ""
    return f"{size}Rendering takes more than the {settings.PREVIEW_MEMORY_BYTES // 1_000_000} MB memory limit."


def _count_pixels(stored_file: StoredFile) -> int:
    return (stored_file.width or 0) * (stored_file.height or 0)


def _parse(answer: Answer) -> Preview:
    """The preview that the process made. Nothing in it is trusted.

    A decoder that crashed has met a limit: of what is damaged, it says so.
    """
    facts, data = answer.facts, answer.data
    try:
        placeholder = b64decode(facts["placeholder"], validate=True)
        if facts["media_type"] not in SUFFIXES or not data or len(placeholder) not in (0, PLACEHOLDER_BYTES):
            raise ValueError("not a preview")
        return Preview(
            data,
            facts["media_type"],
            placeholder,
            width=_clamp_dimension(facts["width"]),
            height=_clamp_dimension(facts["height"]),
            duration=_clamp_duration(facts["duration"]),
            is_animated=facts["is_animated"] is True,
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise NoPreviewError(TOO_COMPLEX) from None


def _clamp_dimension(value: float | str | None) -> int | None:
    return None if value is None else max(1, min(int(value), MAX_DIMENSION))


def _clamp_duration(value: float | str | None) -> float | None:
    return None if value is None else max(0.0, min(float(value), MAX_DURATION))


def plan_preview(pk: UUID, *, again: bool = False) -> None:
    """Have the preview of a file made. To be called in the transaction that makes it necessary."""
    StoredFile.objects.filter(pk=pk).update(preview_at=timezone.now())
    make_preview.enqueue(str(pk), again=again)


def plan_previews(stored_files: Iterable[StoredFile]) -> None:
    """The same for many, whose rows say already since when they wait for theirs."""
    enqueue_all(make_preview, [str(stored_file.pk) for stored_file in stored_files if stored_file.preview_at])


def find_lost_previews(now: datetime) -> None:
    """Make the previews of all files that wait for one and have no task for it, because it was lost or failed."""
    find_again(make_preview, without_preview(now), "preview_at")


def without_preview(now: datetime) -> StoredFileQuerySet:
    """Files whose preview should have been made by now."""
    return StoredFile.objects.filter(overdue("preview_at", now, latest=LOOK_AGAIN))


@task(queue_name="previews")
def make_preview(stored_file_id: str, again: bool = False) -> None:
    rows = StoredFile.objects.filter(pk=stored_file_id)
    if stored_file := rows.first():
        render_preview(stored_file, again=again)
        rows.update(preview_at=None)
