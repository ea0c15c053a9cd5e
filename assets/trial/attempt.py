"""One file, received and shown as an uploaded one is, and then forgotten."""

import os
import stat
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage

from assets.models import Asset, StoredFile, User
from assets.previews.render import render_preview
from assets.trial.usage import Usage
from assets.uploads.hashed_file import HashedFile, clean_file_name
from assets.uploads.receive import receive_upload

Answer = Literal["received", "refused", "skipped", "failed"]


@dataclass(frozen=True)
class Result:
    """What became of one file. `words` say why it was refused, has no preview or looks damaged.

    CPU is in seconds, memory in megabytes.

    `skipped` is what is no file or cannot be read. `failed` is a fault of the library.
    """

    name: str
    answer: Answer
    code: str = ""
    media_type: str = ""
    kind: str = ""
    size: int = 0
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    has_preview: bool = False
    words: str = ""
    receiving_cpu: float = 0
    receiving_memory: float = 0
    child_cpu: float = 0
    child_memory: float = 0


def attempt(path: Path, name: str, owner: User) -> Result:
    with Usage() as usage:
        try:
            result = _receive_and_render(path, name, owner, usage)
        except Exception as error:
            traceback.print_exc()
            result = Result(name, "failed", words=f"{type(error).__name__}: {error}")
    _forget()
    return replace(
        result,
        receiving_cpu=usage.receiving_seconds,
        receiving_memory=usage.receiving_megabytes,
        child_cpu=usage.child_seconds,
        child_memory=usage.child_megabytes,
    )


def _receive_and_render(path: Path, name: str, owner: User, usage: Usage) -> Result:
    try:
        with _open(path) as stream, HashedFile.from_stream(stream, clean_file_name(name)) as file:
            receipt = receive_upload(file, owner=owner)
    except ValidationError as error:
        return Result(name, "refused", code=error.code or "", words=" ".join(error.messages))
    except OSError as error:
        return Result(name, "skipped", words=f"{error.strerror or 'It cannot be read'}.")
    finally:
        usage.received()
    render_preview(receipt.asset.stored_file)
    return _describe(StoredFile.objects.get(pk=receipt.asset.stored_file_id), name)


def _open(path: Path) -> IO[bytes]:
    """The file, if it is one: a pipe would wait for its other end."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(0, "Not a file any more")


def _describe(file: StoredFile, name: str) -> Result:
    return Result(
        name,
        "received",
        code="incomplete" if file.warning else "",
        media_type=file.media_type,
        kind=file.kind,
        size=file.size,
        width=file.width,
        height=file.height,
        duration=file.duration,
        has_preview=bool(file.preview),
        words=" ".join(filter(None, (file.warning, file.preview_error))),
    )


def _forget() -> None:
    """Make room for the next file, and let it be new even if it has the same content."""
    for file in StoredFile.objects.all():
        for kept in filter(None, (file.original.name, file.preview.name)):
            default_storage.delete(kept)
    Asset.objects.all().delete()
    StoredFile.objects.all().delete()
