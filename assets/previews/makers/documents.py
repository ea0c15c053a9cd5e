"""Previews of PDF documents: their first page, as PDFium (the engine of Chromium) renders it."""

from typing import BinaryIO

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from assets.previews.makers import NoPreviewError, Preview
from assets.previews.makers.pictures import SIZE, shown


def make(file: BinaryIO, media_type: str) -> Preview:
    try:
        with pypdfium2.PdfDocument(file) as document:
            page = document[0]
            picture = page.render(scale=SIZE / max(page.get_size())).to_pil()
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise NoPreviewError("The document is protected by a password.") from error
        raise NoPreviewError("The document is damaged, or has no page.") from error
    return shown(picture.convert("RGB"))
