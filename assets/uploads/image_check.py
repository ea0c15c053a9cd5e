"""Whether an uploaded image is sound, and how large it is, while its uploader is still there.

Its structure is checked. Where that leaves a doubt, the image is decoded in the limited process. Where that is too
busy, the image is accepted as it is: its preview will tell.
"""

import signal
from os import SEEK_END
from typing import IO, BinaryIO, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError

from assets.media.formats import format_name
from assets.previews import limited_process
from assets.previews.limited_process import Answer, BusyError
from assets.uploads import completeness, image_structure
from assets.uploads.acceptance import unsupported_error
from assets.uploads.image_structure.binary import Size, UnclearError
from assets.uploads.image_structure.raster import MAX_SCANS, TooManyScansError

# Phones take photos of 200 megapixels.
MAX_MEGAPIXELS = 200
# Seconds that an upload may wait for the limited process, and then for its answer.
PATIENCE = 15


class Measured(NamedTuple):
    """Width and height in pixels as the image is shown, None if they are not known yet; and what looks damaged."""

    size: Size | None
    warning: str = ""


def measure(file: BinaryIO, media_type: str) -> Measured:
    """Raises ValidationError for an image that cannot be decoded or exceeds a limit."""
    measured = _measure(file, media_type)
    size = measured.size
    if size and size[0] * size[1] > MAX_MEGAPIXELS * 1_000_000:
        raise ValidationError(
            f"The image has {size[0] * size[1] // 1_000_000:,} megapixels, over the {MAX_MEGAPIXELS}-megapixel limit. "
            "Make it smaller, then upload it again.",
            code="too_many_pixels",
        )
    return measured


def _measure(file: BinaryIO, media_type: str) -> Measured:
    try:
        return Measured(image_structure.read_size(file, media_type))
    except TooManyScansError:
        raise _too_complex(f"has more than {MAX_SCANS} scans") from None
    except UnclearError as error:
        return Measured(_decode(file, media_type), completeness.describe(error, file.seek(0, SEEK_END)))


def _decode(file: IO[bytes], media_type: str) -> Size | None:
    file.seek(0)
    try:
        answer = limited_process.run("measure", file, media_type, patience=PATIENCE)
    except (BusyError, OSError):  # too busy, or the machine is in trouble
        return None
    if answer.signal in (signal.SIGALRM, signal.SIGKILL):  # too slow by the clock, or the machine is out of memory
        return None
    return _parse(answer, media_type)


def _parse(answer: Answer, media_type: str) -> Size:
    if answer.signal == signal.SIGXCPU:
        raise _too_complex(f"takes more than {settings.PREVIEW_CPU_SECONDS} s to read")
    match answer.facts:
        case {"code": "out_of_memory"}:
            raise _too_complex(f"takes more than {settings.PREVIEW_MEMORY_BYTES // 1_000_000} MB of memory to read")
        case {"code": "unsupported"}:
            raise unsupported_error(f"{format_name(media_type)} files", media_type)
        case {"code": "unsupported_kind"}:
            raise unsupported_error(f"{format_name(media_type)} files of this kind", media_type)
        case {"width": int(width), "height": int(height)} if width > 0 and height > 0:
            return width, height
        case {"code": "damaged" | ""}:
            raise ValidationError(
                f"The image is damaged: it starts as {format_name(media_type)} but cannot be read to the end. "
                "Export or download it again, then upload the new file.",
                code="broken",
            )
    # The decoder met a limit, and said so or crashed.
    raise _too_complex("cannot be read within the limits on time and memory")


def _too_complex(reason: str) -> ValidationError:
    return ValidationError(
        f"The image {reason}, so it is too complex. Save it again with usual settings, then upload the new file.",
        code="too_complex",
    )
