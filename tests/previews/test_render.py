"""Previews of every format, and what they leave in rows, pages and storage."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from assets import originals
from assets.models import Asset, LinkStatus, StoredFile
from assets.previews.render import render_preview
from tests.previews.checks import previewed, shows_quarters
from tests.support.factories import a_picture, a_stored_file, an_asset
from tests.support.media import EVERY_FORMAT, PICTURES, SOUNDS, VIDEOS, a_film, encoded, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


def test_every_format_gets_a_preview_that_browsers_show(as_ana, upload, segmind, work):
    files = [(f"x.{ending}", made()) for ending, (_, made) in EVERY_FORMAT.items()]
    assert {result["status"] for result in upload(as_ana, *files)["results"]} == {"received"}
    work()
    for asset in Asset.objects.select_related("stored_file"):
        file = asset.stored_file
        assert (bool(file.preview), file.preview_error) == (True, ""), asset.file_name
        answer = as_ana.get(f"/assets/{asset.pk}/preview/")
        is_svg = asset.file_name.endswith((".svg", ".svgz"))
        assert answer["content-type"] == ("image/svg+xml" if is_svg else "image/webp")
        if not is_svg:
            with Image.open(io.BytesIO(answer.getvalue())) as image:
                assert max(image.size) <= 640
        answer.close()
    timed = dict(Asset.objects.values_list("file_name", "stored_file__duration"))
    sized = dict(Asset.objects.values_list("file_name", "stored_file__width"))
    assert all(timed[f"x.{ending}"] > 0 for ending in (SOUNDS | VIDEOS))
    assert all(sized[f"x.{ending}"] for ending in (PICTURES.keys() | VIDEOS.keys()) - {"svg", "svgz"})


def test_a_card_shows_the_placeholder_animation_and_duration(as_ana, ana):
    moving = encoded(quarters(), "GIF", save_all=True, append_images=[quarters().transpose(Image.Transpose.ROTATE_180)])
    film = a_film("mp4", *[quarters()] * 8)
    for content, media_type in [(moving, "image/gif"), (film, "video/mp4")]:
        an_asset(owner=ana, stored_file=previewed(content, media_type)[0])
    page = as_ana.get("/").content.decode()
    assert all(f"base64,{file.placeholder}" in page for file in StoredFile.objects.all())
    assert ">Animated<" in page
    assert ">0:02<" in page


def test_a_command_makes_the_missing_previews_of_a_library(segmind, work, capsys):
    missing, hopeless, shown, other = (
        an_asset(content=a_picture()), an_asset(content=b"GIF89a no picture"), an_asset(content=a_picture()),
        an_asset(stored_file=a_stored_file(content=b"text", media_type="text/plain")),
    )  # fmt: skip
    render_preview(shown.stored_file)
    render_preview(hopeless.stored_file)
    call_command("make_previews")
    work()
    assert capsys.readouterr().out.startswith("1 preview queued.")
    assert StoredFile.objects.get(pk=missing.stored_file_id).preview
    StoredFile.objects.filter(pk=shown.stored_file_id).update(placeholder="", width=None)
    call_command("make_previews", "--all")
    work()
    assert capsys.readouterr().out.startswith("3 previews queued.")
    file = StoredFile.objects.get(pk=shown.stored_file_id)
    assert file.preview
    assert file.placeholder
    assert file.width == 64
    assert StoredFile.objects.get(pk=hopeless.stored_file_id).preview_error
    assert not StoredFile.objects.get(pk=other.stored_file_id).needs_preview


def test_what_is_measured_counts_more_than_what_the_file_says_of_itself():
    file = a_stored_file(content=a_picture(size=(90, 60)), width=7, duration=5)
    render_preview(file)
    file.refresh_from_db()
    assert (file.width, file.height, file.duration) == (90, 60, 5)


def test_an_original_that_is_not_kept_is_deleted_once_a_preview_has_failed(settings):
    settings.KEEP_ORIGINALS = False
    file = a_stored_file(content=b"GIF89a broken", media_type="image/gif", link_status=LinkStatus.VERIFIED)
    path = Path(file.original.path)
    render_preview(file)
    file.refresh_from_db()
    assert file.preview_error
    assert not file.original
    assert not path.exists()


@pytest.mark.parametrize("days", [-2, 2])
def test_an_original_that_is_not_kept_stays_if_its_link_was_not_verified_of_late(settings, days):
    """A time in the future is that of a clock that was set back."""
    settings.KEEP_ORIGINALS = False
    checked_at = timezone.now() + timedelta(days=days)
    file = a_stored_file(content=a_picture(), link_status=LinkStatus.VERIFIED, link_checked_at=checked_at)
    render_preview(file)
    assert originals.is_here(file)


def test_a_missing_original_is_the_reason_for_no_preview():
    file = a_stored_file(content=a_picture())
    Path(file.original.path).unlink()
    assert not render_preview(file)
    file.refresh_from_db()
    assert "missing" in file.preview_error


class Remote(Storage):
    """A storage without local paths."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def _save(self, name: str, content: File) -> str:
        self.files[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return ContentFile(self.files[name], name)

    def exists(self, name: str) -> bool:
        return name in self.files

    def size(self, name: str) -> int:
        return len(self.files[name])


def test_originals_can_be_in_a_storage_without_paths(settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Remote"}}
    _, preview = previewed(encoded(quarters()), "image/png")
    assert shows_quarters(preview)
