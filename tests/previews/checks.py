"""Make a preview, or find out why there is none, and compare colours."""

from PIL import Image

from assets.models import StoredFile
from assets.previews.render import render_preview
from tests.support.factories import a_stored_file
from tests.support.media import BLUE, GREEN, RED, WHITE


def previewed(content: bytes, media_type: str) -> tuple[StoredFile, Image.Image]:
    """The stored file and its preview."""
    file = a_stored_file(content=content, media_type=media_type)
    assert render_preview(file), StoredFile.objects.get(pk=file.pk).preview_error
    file = StoredFile.objects.get(pk=file.pk)
    with file.preview.open() as preview:
        image = Image.open(preview)
        image.load()
    return file, image


def refused(content: bytes, media_type: str) -> str:
    """Why this content has no preview."""
    file = a_stored_file(content=content, media_type=media_type)
    assert not render_preview(file)
    file = StoredFile.objects.get(pk=file.pk)
    assert not file.preview
    assert not file.needs_preview
    return file.preview_error


def is_near(colour, expected, by: int = 24) -> bool:
    return all(abs(one - other) <= by for one, other in zip(colour, expected, strict=False))


def shows_quarters(image: Image.Image, *colours, by: int = 24) -> bool:
    """Whether the corners have these colours: top left, top right, bottom left, bottom right."""
    image = image.convert("RGB")
    across, down = image.width // 8, image.height // 8
    places = [(x, y) for y in (down, image.height - down) for x in (across, image.width - across)]
    found = [image.getpixel(place) for place in places]
    return all(is_near(*pair, by) for pair in zip(found, colours or [RED, GREEN, BLUE, WHITE], strict=True))
