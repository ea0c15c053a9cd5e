"""The pages of a PDF as pictures, rendered when somebody looks at them and not kept: browsers keep what they have seen.

Like previews, they are made in the limited process. Browsers get nothing but pictures of a stranger's document.
"""

import threading

from assets.models import StoredFile
from assets.previews import limited_process
from assets.previews.limited_process import Answer, BusyError
from assets.previews.makers import TOO_COMPLEX, NoPreviewError
from assets.previews.render import open_local

PDF = "application/pdf"
# Seconds that a page may wait for its turn, and then take.
PATIENCE = 20
# One at a time in a web process, so that uploads find a limited process too.
_turn = threading.BoundedSemaphore(1)

Size = tuple[int, int]


def have_pages(stored_file: StoredFile) -> bool:
    """Whether there is anything to render: a PDF without a preview has said why."""
    return stored_file.media_type == PDF and bool(stored_file.original and stored_file.preview)


def read_sizes(stored_file: StoredFile) -> list[Size]:
    """Width and height of the pages, in pixels. Raises NoPreviewError, and BusyError."""
    match _run("pages", stored_file).facts:
        case {"pages": [*sizes]} if sizes and all(map(_is_size, sizes)):
            return [(width, height) for width, height in sizes]
    raise NoPreviewError(TOO_COMPLEX)


def render_page(stored_file: StoredFile, number: int) -> bytes:
    """A page, the first of which is 1, as WebP. Raises NoPreviewError, and BusyError."""
    answer = _run(f"page {number}", stored_file)
    if not answer.data:
        raise NoPreviewError(str(answer.facts.get("reason") or TOO_COMPLEX))
    return answer.data


def _is_size(value: object) -> bool:
    match value:
        case [int(width), int(height)]:
            return width > 0 and height > 0
    return False


def _run(work: str, stored_file: StoredFile) -> Answer:
    if not _turn.acquire(timeout=PATIENCE):
        raise BusyError
    try:
        with open_local(stored_file) as original:
            return limited_process.run(work, original, PDF, patience=PATIENCE)
    finally:
        _turn.release()
