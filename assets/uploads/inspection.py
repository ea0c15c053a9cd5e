"""The rules for what is accepted. Each is one check with its own error code; all raise ValidationError."""

from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError

from assets import disk
from assets.media.formats import maker_for
from assets.media.rows import WITHOUT_VIDEO
from assets.text.formats import format_size
from assets.uploads import completeness, image_check, media_types, recording_structure
from assets.uploads.acceptance import check_media_type, is_accepted
from assets.uploads.hashed_file import HashedFile
from assets.uploads.image_check import Measured

# Of images with pixels: see `previews.makers`.
MEASURING_MAKERS = ("images", "stills")


@dataclass(frozen=True)
class Content:
    """The facts about a file that has passed every check."""

    sha256: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    warning: str


def inspect(file: HashedFile) -> Content:
    """Check a file against every rule."""
    check_size(file.size)
    _check_disk(file)
    with open(file.temporary_file_path(), "rb") as content:  # noqa: PTH123
        media_type = recording_structure.type_by_content(content, media_types.detect_file(content))
        check_media_type(media_type)
        measured = _check_content(content, media_type)
    width, height = measured.size or (None, None)
    return Content(file.sha256, media_type, file.size, width, height, measured.warning)


def check_size(size: int) -> None:
    if size == 0:
        raise ValidationError("The file is empty (0 bytes). Choose another one.", code="empty")
    if size > settings.UPLOAD_MAX_FILE_BYTES:
        raise ValidationError(
            f"{format_size(size)} is over the {format_size(settings.UPLOAD_MAX_FILE_BYTES)} limit. "
            "Make the file smaller, or ask an administrator to raise the limit.",
            code="too_large",
        )


def check_head(head: bytes) -> None:
    """Check what can be known from the beginning of a file, as for `media_types.detect()`."""
    media_type = media_types.detect(head)
    # What is behind the beginning decides whether a container has video.
    if not is_accepted(WITHOUT_VIDEO.get(media_type, "")):
        check_media_type(media_type)


def _check_disk(file: HashedFile) -> None:
    if file.is_disk_full:
        raise disk.full_error()


def _check_content(file: BinaryIO, media_type: str) -> Measured:
    if maker_for(media_type) in MEASURING_MAKERS:
        return image_check.measure(file, media_type)
    return Measured(None, completeness.find_warning(file, media_type))
