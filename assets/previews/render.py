"""Make previews of stored files, each in a process of its own, and store them beside the originals.

The process has nothing to leak or to break: no settings and no key in its environment, no file but the one original,
already open, and hard limits on time, memory and output. Its answer is treated as if the uploader had written it.
"""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
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
from assets.models import StoredFile
from assets.models.tasks import LOOK_AGAIN, find_again, overdue
from assets.previews.makers import NoPreviewError, Preview

logger = logging.getLogger(__name__)

SUFFIXES = {"image/webp": "webp", "image/svg+xml": "svg"}
PLACEHOLDER_BYTES = 90
# The process ends itself long before, unless something kept it from doing so.
WALL_TIME_FACTOR = 8  # of the CPU time
MAX_DIMENSION = 2**31 - 1
MAX_DURATION = 1e9
MAX_REASON_LENGTH = 200
MAX_LOGGED_BYTES = 4000


def render_preview(stored_file: StoredFile, *, again: bool = False) -> bool:
    """Make the preview of a file that has none; with `again`, replace one that is there.

    Returns whether the file has a preview now. If it cannot have one, its row says why. Raises OSError if the disk is
    full or fails, which says nothing about the file.
    """
    if not (stored_file.needs_preview or (again and stored_file.may_have_preview)):
        return False
    rows = StoredFile.objects.filter(pk=stored_file.pk)
    try:
        with _open_original(stored_file) as original:
            preview = _run_maker(original, stored_file.media_type)
    except NoPreviewError as error:
        logger.warning("No preview of %s: %s", stored_file.pk, error)
        rows.record_no_preview(str(error))
    else:
        _save(preview, stored_file)
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


def _open_original(stored_file: StoredFile) -> AbstractContextManager[IO[bytes]]:
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


def _run_maker(original: IO[bytes], media_type: str) -> Preview:
    with TemporaryFile() as output, TemporaryFile() as errors:
        status = _run_process(original, media_type, output, errors)
        if status:
            errors.seek(0)
            logger.debug("%s", errors.read(MAX_LOGGED_BYTES).decode(errors="replace").strip())
        if status == os.EX_IOERR:  # a full disk says nothing about the file
            raise OSError("The disk is full, or could not be read, while a preview was made.")
        if status in (-signal.SIGALRM, -signal.SIGXCPU):
            raise NoPreviewError(f"Rendering took longer than the {settings.PREVIEW_CPU_SECONDS} s limit.")
        output.seek(0)
        return _parse_output(output.readline(), output.read())


def _run_process(original: IO[bytes], media_type: str, output: IO[bytes], errors: IO[bytes]) -> int:
    """Run the maker to its end. Returns its exit status; negative is the signal that ended it."""
    cpu_seconds, memory = settings.PREVIEW_CPU_SECONDS, settings.PREVIEW_MEMORY_BYTES
    # Without `site`, which takes longer to start than most images take.
    command = [sys.executable, "-S", "-P", "-B", "-m", "assets.previews.makers"]
    search_path = [str(settings.BASE_DIR), *filter(None, sys.path)]
    try:
        return subprocess.run(
            [*command, media_type, str(cpu_seconds), str(memory)],
            stdin=original,
            stdout=output,
            stderr=errors,
            env={"PYTHONPATH": os.pathsep.join(search_path)},
            cwd="/",
            start_new_session=True,
            timeout=WALL_TIME_FACTOR * cpu_seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM


def _parse_output(line: bytes, data: bytes) -> Preview:
    """The preview that the process wrote. Nothing in it is trusted."""
    try:
        facts = json.loads(line)
        if reason := facts.get("reason"):
            raise NoPreviewError(str(reason)[:MAX_REASON_LENGTH].replace("\0", ""))
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
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise NoPreviewError("The file is damaged, or too complex for the limits on previews.") from None


def _clamp_dimension(value: float | str | None) -> int | None:
    return None if value is None else max(1, min(int(value), MAX_DIMENSION))


def _clamp_duration(value: float | str | None) -> float | None:
    return None if value is None else max(0.0, min(float(value), MAX_DURATION))


def plan_preview(pk: UUID, *, again: bool = False) -> None:
    """Have the preview of a file made. To be called in the transaction that makes it necessary."""
    StoredFile.objects.filter(pk=pk).update(preview_at=timezone.now())
    make_preview.enqueue(str(pk), again=again)


def find_lost_previews(now: datetime) -> None:
    """Make the previews of all files that wait for one and have no task for it, because it was lost or failed."""
    waiting = StoredFile.objects.filter(overdue("preview_at", now, latest=LOOK_AGAIN))
    find_again(make_preview, waiting, "preview_at")


@task(queue_name="previews")
def make_preview(stored_file_id: str, again: bool = False) -> None:
    rows = StoredFile.objects.filter(pk=stored_file_id)
    if stored_file := rows.first():
        render_preview(stored_file, again=again)
        rows.update(preview_at=None)
