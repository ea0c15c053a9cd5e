"""Previews of PDF files: the first page, rendered by PDFium (Chromium's engine)."""

from typing import BinaryIO

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from assets.previews.makers import DamagedError, NoPreviewError, Preview
from assets.previews.makers.images import SIZE, encode_preview


def make(file: BinaryIO, media_type: str) -> Preview:
    try:
        with pypdfium2.PdfDocument(file) as document:
            page = document[0]
            image = page.render(scale=SIZE / max(page.get_size())).to_pil()
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise NoPreviewError("The PDF is protected by a password.") from error
        raise DamagedError("The PDF is damaged, or has no pages.") from error
    return encode_preview(image.convert("RGB"))
