"""Pages of PDF files, rendered by PDFium (Chromium's engine). The preview shows the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_ERR_PASSWORD

from assets.previews.makers import DamagedError, NoPreviewError, Preview
from assets.previews.makers.images import SIZE, encode_preview

PAGE_SIZE = 1600  # pixels of the longer side
# Of a longer document, only its beginning is shown.
MAX_PAGES = 500


def make(file: BinaryIO, media_type: str) -> Preview:
    with _open(file) as document:
        return encode_preview(_render(document[0], SIZE))


def read_page_sizes(file: BinaryIO) -> list[tuple[int, int]]:
    """Width and height of each page, in pixels as `make_page()` renders it."""
    with _open(file) as document:
        return [_scale(*document.get_page_size(index)) for index in range(min(len(document), MAX_PAGES))]


def make_page(file: BinaryIO, number: int) -> bytes:
    """A page, the first of which is 1, as WebP."""
    target = BytesIO()
    with _open(file) as document:
        if not 0 < number <= len(document):
            raise NoPreviewError("The PDF has no such page.")
        _render(document[number - 1], PAGE_SIZE).save(target, "WEBP", quality=85, method=2)
    return target.getvalue()


def _scale(width: float, height: float) -> tuple[int, int]:
    factor = PAGE_SIZE / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _render(page: pypdfium2.PdfPage, size: int) -> Image.Image:
    image: Image.Image = page.render(scale=size / max(page.get_size())).to_pil()
    return image.convert("RGB")


@contextmanager
def _open(file: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with pypdfium2.PdfDocument(file) as document:
            yield document
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise NoPreviewError("The PDF is protected by a password.") from error
        raise DamagedError("The PDF is damaged, or has no pages.") from error
