"""Previews of stored files: made from their originals, each in a process of its own, and kept beside them.

That process has nothing to give away or to break: no settings and no key in its environment, no file but the one
original, already open, and hard limits on time, memory and output. What comes back from it is looked at as if it came
from the person who uploaded the file.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django_tasks import task

from assets import originals
from assets.models import StoredFile
from assets.previews.makers import NoPreviewError, Preview

logger = logging.getLogger(__name__)

ENDINGS = {"image/webp": "webp", "image/svg+xml": "svg"}
PLACEHOLDER_BYTES = 90
# The process ends itself long before, unless it has been stopped from doing so.
PATIENCE = 8  # times the CPU time


def render_preview(stored_file: StoredFile, *, again: bool = False) -> bool:
    """Make and keep the preview of a file that has none, or `again` of one that has.

    False where there is none to make, or where it cannot be made: then the row says why.
    """
    if not (stored_file.needs_preview or (again and stored_file.may_have_preview)):
        return False
    rows = StoredFile.objects.filter(pk=stored_file.pk)
    try:
        with _opened(stored_file) as original:
            made = _made(original, stored_file.media_type)
    except NoPreviewError as error:
        logger.warning("No preview of %s: %s", stored_file.pk, error)
        rows.record_no_preview(str(error))
    else:
        name = f"previews/{stored_file.sha256[:2]}/{stored_file.sha256}.{ENDINGS[made.media_type]}"
        stored_file.preview.save(name, ContentFile(made.data), save=False)
        rows.record_preview(
            str(stored_file.preview.name),
            placeholder=made.placeholder,
            is_animated=made.is_animated,
            width=made.width,
            height=made.height,
            duration=made.duration,
        )
    if current := rows.first():
        originals.drop_if_done(current)
    return bool(current and current.preview)


@contextmanager
def _opened(stored_file: StoredFile) -> Iterator[BinaryIO]:
    """The original as a file of this machine; a nameless copy where the storage is elsewhere."""
    try:
        path = stored_file.original.path
    except NotImplementedError:
        with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy, stored_file.original.open() as original:
            for chunk in original.chunks():
                copy.write(chunk)
            copy.seek(0)
            yield cast(BinaryIO, copy)
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115  (closed below)
    except FileNotFoundError:
        raise NoPreviewError("Its original is missing on this server.") from None
    with file:
        yield file


def _made(original: BinaryIO, media_type: str) -> Preview:
    cpu_seconds, memory = settings.PREVIEW_CPU_SECONDS, settings.PREVIEW_MEMORY_BYTES
    # Without `site`, which takes longer to start than most pictures do.
    command = [sys.executable, "-S", "-P", "-B", "-m", "assets.previews.makers"]
    search_path = [str(settings.BASE_DIR), *filter(None, sys.path)]
    with TemporaryFile() as answer, TemporaryFile() as complaints:
        try:
            status = subprocess.run(
                [*command, media_type, str(cpu_seconds), str(memory)],
                stdin=original,
                stdout=answer,
                stderr=complaints,
                env={"PYTHONPATH": os.pathsep.join(search_path)},
                cwd="/",
                start_new_session=True,
                timeout=PATIENCE * cpu_seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            status = -signal.SIGALRM
        if status:
            complaints.seek(0)
            logger.debug("%s", complaints.read(4000).decode(errors="replace").strip())
        if status in (-signal.SIGALRM, -signal.SIGXCPU):
            raise NoPreviewError(f"Reading it takes longer than the {cpu_seconds} s that it may.")
        answer.seek(0)
        return _understood(answer.readline(), answer.read())


def _understood(line: bytes, data: bytes) -> Preview:
    """The answer of the process, believed in no respect."""
    try:
        facts = json.loads(line)
        if reason := facts.get("reason"):
            raise NoPreviewError(str(reason)[:200].replace("\0", ""))
        placeholder = b64decode(facts["placeholder"], validate=True)
        if facts["media_type"] not in ENDINGS or not data or len(placeholder) not in (0, PLACEHOLDER_BYTES):
            raise ValueError("not an answer")
        return Preview(
            data,
            facts["media_type"],
            placeholder,
            width=_whole(facts["width"]),
            height=_whole(facts["height"]),
            duration=_number(facts["duration"]),
            is_animated=facts["is_animated"] is True,
        )
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise NoPreviewError("Reading it broke off: it is damaged, or takes more than it may.") from None


def _whole(value: Any) -> int | None:
    return None if value is None else max(1, min(int(value), 2**31 - 1))


def _number(value: Any) -> float | None:
    return None if value is None else max(0.0, min(float(value), 1e9))


@task(queue_name="previews")
def make_preview(stored_file_id: str, again: bool = False) -> None:
    if stored_file := StoredFile.objects.filter(pk=stored_file_id).first():
        render_preview(stored_file, again=again)
