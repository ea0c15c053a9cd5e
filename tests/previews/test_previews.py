"""Previews: of every format, of every oddity, and none of what is hostile."""

import contextlib
import gzip
import io
import threading
from array import array
from base64 import b64decode
from fractions import Fraction
from pathlib import Path

import av
import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.core.management import call_command
from PIL import Image, ImageCms

from assets.models import Asset, LinkStatus, StoredFile
from assets.previews.render import render_preview
from assets.templatetags.library import playing_time
from tests.support.factories import a_picture, a_stored_file, an_asset
from tests.support.media import EVERY_FORMAT, PICTURES, SOUNDS, VIDEOS, a_pdf, a_pdf_without_end, a_sound, a_video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def quarters(width: int = 160, height: int = 120) -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", (2, 2))
    for place, colour in zip([(0, 0), (1, 0), (0, 1), (1, 1)], [RED, GREEN, BLUE, WHITE], strict=True):
        image.putpixel(place, colour)
    return image.resize((width, height), Image.Resampling.NEAREST)


def previewed(content: bytes, media_type: str) -> tuple[StoredFile, Image.Image]:
    """The row and the preview of a file that has one."""
    file = a_stored_file(content=content, media_type=media_type)
    assert render_preview(file), StoredFile.objects.get(pk=file.pk).preview_error
    file = StoredFile.objects.get(pk=file.pk)
    with file.preview.open() as preview:
        image = Image.open(preview)
        image.load()
    return file, image


def refused(content: bytes, media_type: str) -> str:
    """Why there is no preview of a file."""
    file = a_stored_file(content=content, media_type=media_type)
    assert not render_preview(file)
    file = StoredFile.objects.get(pk=file.pk)
    assert not file.preview and not file.needs_preview
    return file.preview_error


def is_near(colour, expected, by: int = 24) -> bool:
    return all(abs(one - other) <= by for one, other in zip(colour, expected, strict=False))


def shows_quarters(image: Image.Image, *colours, by: int = 24) -> bool:
    """Whether those are the colours of the corners: above left, above right, below left, below right."""
    image = image.convert("RGB")
    across, down = image.width // 8, image.height // 8
    places = [(x, y) for y in (down, image.height - down) for x in (across, image.width - across)]
    found = [image.getpixel(place) for place in places]
    return all(is_near(*pair, by) for pair in zip(found, colours or [RED, GREEN, BLUE, WHITE], strict=True))


# --- Every format ---------------------------------------------------------------------------------


def test_every_format_has_a_preview_that_a_browser_shows(as_ana, upload, segmind, work):
    files = [(f"x.{ending}", made()) for ending, (_, made) in EVERY_FORMAT.items()]
    assert {result["status"] for result in upload(as_ana, *files)["results"]} == {"received"}
    work()
    for entry in Asset.objects.select_related("stored_file"):
        file = entry.stored_file
        assert (bool(file.preview), file.preview_error) == (True, ""), entry.file_name
        answer = as_ana.get(f"/assets/{entry.pk}/preview/")
        is_drawing = entry.file_name.endswith((".svg", ".svgz"))
        assert answer["content-type"] == ("image/svg+xml" if is_drawing else "image/webp")
        if not is_drawing:
            with Image.open(io.BytesIO(answer.getvalue())) as image:
                assert max(image.size) <= 640
        answer.close()
    timed = dict(Asset.objects.values_list("file_name", "stored_file__duration"))
    sized = dict(Asset.objects.values_list("file_name", "stored_file__width"))
    assert all(timed[f"x.{ending}"] > 0 for ending in (SOUNDS | VIDEOS))
    assert all(sized[f"x.{ending}"] for ending in (PICTURES.keys() | VIDEOS.keys()) - {"svg", "svgz"})


# --- Pictures -------------------------------------------------------------------------------------

TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_picture_is_turned_as_the_camera_says(orientation):
    image, turn = quarters(), TURNED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    taken = image.transpose(turn) if turn is not None else image
    file, preview = previewed(encoded(taken, "JPEG", exif=exif), "image/jpeg")
    assert shows_quarters(preview)
    assert (file.width, file.height) == image.size == preview.size


@pytest.mark.parametrize("format", ["TIFF", "WEBP", "PNG", "AVIF"])
def test_so_are_pictures_of_other_formats(format):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(quarters().transpose(Image.Transpose.ROTATE_90), format, exif=exif)
    file, preview = previewed(content, f"image/{format.lower()}")
    assert shows_quarters(preview)
    assert (file.width, file.height) == (160, 120)


def test_colours_are_those_of_the_profile():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Its red is told to be what blue is, and the other way round: the tags' places in the file change places.
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12], profile[red + 4 : red + 12],
    )  # fmt: skip
    _, preview = previewed(encoded(quarters(), icc_profile=bytes(profile)), "image/png")
    assert shows_quarters(preview, BLUE, GREEN, RED, WHITE)


def test_a_broken_profile_is_passed_over():
    assert shows_quarters(previewed(encoded(quarters(), icc_profile=b"no profile"), "image/png")[1])


@pytest.mark.parametrize(("mode", "format"), [("CMYK", "JPEG"), ("P", "PNG"), ("P", "GIF"), ("YCbCr", "JPEG")])
def test_every_mode_has_its_colours(mode, format):
    assert shows_quarters(previewed(encoded(quarters().convert(mode), format), f"image/{format.lower()}")[1])


def test_sixteen_bits_are_shown_from_black_to_white():
    values = array("H", [x * 64 for x in range(1024)] * 300)
    _, preview = previewed(encoded(Image.frombytes("I;16", (1024, 300), values.tobytes())), "image/png")
    shades = [preview.getpixel((x, 1))[0] for x in (0, preview.width // 2, preview.width - 1)]
    assert shades[0] < 10 and 110 < shades[1] < 145 and shades[2] > 245


def test_what_is_transparent_stays_so_and_has_no_placeholder():
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 80, 60))
    for content in (encoded(image), encoded(image.quantize(16))):
        file, preview = previewed(content, "image/png")
        assert preview.mode == "RGBA" and preview.getpixel((10, 10))[3] == 0 and preview.getpixel((90, 90))[3] == 255
        assert file.placeholder_url == ""


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1, 1), (1, 1)), ((40_000, 3), (18, 3)), ((300, 9000), (107, 640)), ((2000, 1500), (640, 480))],
)
def test_every_shape_has_a_preview(size, shown):
    file, preview = previewed(encoded(Image.new("RGB", size, GREEN)), "image/png")
    assert preview.size == shown and is_near(preview.getpixel((0, 0)), GREEN)
    assert (file.width, file.height) == size


def test_reading_a_picture_takes_its_memory_once(settings):
    settings.PREVIEW_MEMORY_BYTES = 4 * 6000 * 6000 + 80_000_000
    for mode, colour in [("RGBA", (*GREEN, 128)), ("RGB", GREEN), ("P", 3)]:
        _, preview = previewed(encoded(Image.new(mode, (6000, 6000), colour), compress_level=1), "image/png")
        assert preview.size == (640, 640)


def test_a_photo_of_two_hundred_megapixels_is_read_small():
    _, preview = previewed(encoded(quarters(16_320, 12_240), "JPEG", quality=30), "image/jpeg")
    assert shows_quarters(preview)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_shows_its_first_frame_and_the_row_knows(format):
    still, other = quarters(), quarters().transpose(Image.Transpose.ROTATE_180)
    media_type = f"image/{format.lower()}"
    file, preview = previewed(encoded(still, format, save_all=True, append_images=[other]), media_type)
    assert file.is_animated and shows_quarters(preview)
    assert not previewed(encoded(quarters(158), format), media_type)[0].is_animated


def test_pages_are_no_animation():
    file, _ = previewed(encoded(quarters(), "TIFF", save_all=True, append_images=[quarters()]), "image/tiff")
    assert not file.is_animated


def test_the_placeholder_has_the_colours_of_the_picture_and_stands_in_the_page():
    file, _ = previewed(encoded(quarters()), "image/png")
    kind, _, data = file.placeholder_url.partition("base64,")
    assert kind == "data:image/bmp;"
    with Image.open(io.BytesIO(b64decode(data))) as image:
        assert image.size == (4, 3)
        assert [image.getpixel(at) for at in [(0, 0), (3, 0), (0, 2), (3, 2)]] == [RED, GREEN, BLUE, WHITE]
    assert len(file.placeholder) == 120


def test_a_card_shows_the_placeholder_what_moves_and_how_long_it_takes(as_ana, ana):
    moving = encoded(quarters(), "GIF", save_all=True, append_images=[quarters().transpose(Image.Transpose.ROTATE_180)])
    film = a_film("mp4", *[quarters()] * 8)
    for content, media_type in [(moving, "image/gif"), (film, "video/mp4")]:
        an_asset(owner=ana, stored_file=previewed(content, media_type)[0])
    page = as_ana.get("/").content.decode()
    assert all(file.placeholder_url in page for file in StoredFile.objects.all())
    assert ">Animated<" in page and ">0:02<" in page


# --- Drawings and documents -----------------------------------------------------------------------

SCRIPTED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20" onload="alert(1)">'
    b"<script>alert(1)</script><rect width='9' height='9'/></svg>"
)


@pytest.mark.parametrize("content", [SCRIPTED, gzip.compress(SCRIPTED, mtime=0)], ids=["svg", "svgz"])
def test_a_drawing_is_shown_as_it_is_with_nothing_in_it_able_to_run(as_ana, upload, segmind, work, content):
    (result,) = upload(as_ana, ("x.svg", content))["results"]
    work()
    answer = as_ana.get(f"/assets/{result['asset']['id']}/preview/")
    assert answer.getvalue() == SCRIPTED
    assert answer["content-type"] == "image/svg+xml"
    assert answer["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["x-content-type-options"] == "nosniff"
    file = StoredFile.objects.get()
    assert (file.width, file.height) == (30, 20)


DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" %s></svg>'


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        (b'width="120.4px" height=" 90 "', (120, 90)),
        (b'width="100%" height="50%" viewBox="0,0,300,200"', (300, 200)),
        (b'width="0" height="0"', (None, None)),
        (b"", (None, None)),
    ],
)
def test_a_drawing_is_as_large_as_it_says(attributes, size):
    file = a_stored_file(content=DRAWING % attributes, media_type="image/svg+xml")
    assert render_preview(file)
    file = StoredFile.objects.get(pk=file.pk)
    assert (file.width, file.height) == size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (DRAWING % b"" + b" " * 1_000_000, "more than 1 MB"),
        (gzip.compress(DRAWING % b"" + b" " * 50_000_000, mtime=0), "more than 1 MB"),
        (gzip.compress(SCRIPTED, mtime=0)[:40], "cannot be read to its end"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><g></svg>", "cannot be read to its end"),
        (b"<svg><rect/></svg>", "name space"),
    ],
    ids=["too large", "a bomb", "half of a packed one", "broken", "no name space"],
)
def test_a_drawing_that_no_browser_can_show_says_why(content, words):
    assert words in refused(content, "image/svg+xml")


def test_a_document_shows_its_first_page():
    _, preview = previewed(a_pdf(), "application/pdf")
    assert preview.size == (640, 320)
    assert preview.getpixel((320, 160))[:2] != (255, 255) and is_near(preview.getpixel((320, 160)), RED)
    assert is_near(preview.getpixel((5, 5)), WHITE)


# --- Video and audio ------------------------------------------------------------------------------


def a_film(container: str, *pictures: Image.Image, rotation: int = 0, target: io.BytesIO | None = None) -> bytes:
    """Four pictures a second, every one a key frame."""
    target = target or io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream("mpeg4" if container != "webm" else "libvpx", rate=4)
        stream.width, stream.height, stream.pix_fmt = *pictures[0].size, "yuv420p"
        stream.gop_size = 1
        if rotation:
            stream.set_display_rotation(rotation)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, 4)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def test_a_poster_is_not_black_and_the_row_learns_size_and_duration():
    black = Image.new("RGB", (160, 120))
    content = a_film("mp4", *[black] * 8, *[quarters()] * 8)
    file, preview = previewed(content, "video/mp4")
    assert shows_quarters(preview, by=50)
    assert (file.width, file.height, file.duration) == (160, 120, 4.0)
    assert file.placeholder_url and not file.is_animated


def test_a_video_that_is_all_black_shows_that():
    _, preview = previewed(a_film("mp4", *[Image.new("RGB", (160, 120))] * 4), "video/mp4")
    assert is_near(preview.getpixel((80, 60)), (0, 0, 0))


def test_a_video_is_turned_as_the_phone_says():
    file, preview = previewed(a_film("mp4", *[quarters()] * 4, rotation=-90), "video/mp4")
    assert preview.size == (file.width, file.height) == (120, 160)
    assert shows_quarters(preview, BLUE, RED, WHITE, GREEN, by=50)


class Pipe(io.BytesIO):
    """Written from beginning to end, as a browser records: nothing can go back to write the duration."""

    def seekable(self) -> bool:
        return False

    seek = None  # type: ignore[assignment]


def test_a_video_without_a_duration_in_its_header_is_measured():
    content = a_film("webm", *[quarters()] * 8, target=Pipe())
    with av.open(io.BytesIO(content)) as container:
        assert container.duration is None
    file, _ = previewed(content, "video/webm")
    assert file.duration == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("container", ["matroska", "mpeg", "avi"])
def test_of_a_video_that_breaks_off_what_is_there_is_shown(container):
    content = a_video(container, "mpeg2video" if container == "mpeg" else "mpeg4", frames=60)
    assert previewed(content[: len(content) // 2], "video/x")[1].size == (176, 144)


def test_a_video_whose_index_is_cut_off_says_so_on_its_page(as_ana, upload, segmind, work):
    content = a_video("mp4", "mpeg4", frames=60)
    results = upload(as_ana, ("half.mp4", content[: len(content) // 2]), ("whole.png", a_picture()))["results"]
    work()
    half, whole = (Asset.objects.get(pk=result["asset"]["id"]) for result in results)
    assert "damaged or breaks off" in half.stored_file.preview_error
    assert whole.stored_file.preview
    assert half.stored_file.preview_error in as_ana.get(half.get_absolute_url()).content.decode()
    assert half.stored_file.url and whole.stored_file.url


def test_a_sound_is_drawn_as_loud_as_it_is_and_measured():
    content = a_sound("wav", "pcm_s16le", rate=8000, loudness=[0.0] * 40 + [0.9] * 40)
    file, preview = previewed(content, "audio/wav")
    assert preview.size == (640, 240) and preview.mode == "RGBA"
    drawn = [preview.crop((x, 0, x + 8, 240)).getchannel("A").getbbox() for x in (80, 560)]
    quiet, loud = (box[3] - box[1] for box in drawn)
    assert quiet < 12 and loud > 180
    assert file.duration == pytest.approx(80 * 1024 / 8000, abs=0.1)
    assert file.placeholder_url == ""


def test_a_long_sound_is_heard_in_glimpses():
    content = a_sound("wav", "pcm_s16le", rate=8000, loudness=[0.9] * 1600 + [0.0] * 1600)
    file, preview = previewed(content, "audio/wav")
    assert file.duration == pytest.approx(3200 * 1024 / 8000, abs=1)
    drawn = [preview.crop((x, 0, x + 8, 240)).getchannel("A").getbbox() for x in (80, 560)]
    assert drawn[0][3] - drawn[0][1] > 180 and drawn[1][3] - drawn[1][1] < 12


def test_a_video_without_a_picture_is_drawn_as_a_sound():
    file, preview = previewed(a_sound("mp4", "aac"), "video/mp4")
    assert preview.mode == "RGBA" and file.width is None and file.duration


@pytest.mark.parametrize("media_type", ["video/mp4", "audio/mpeg"])
def test_a_playlist_posing_as_a_recording_is_not_followed(tmp_path, media_type):
    path = tmp_path / "secret.ts"
    path.write_bytes(VIDEOS["ts"][1]())
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{path}\n#EXT-X-ENDLIST\n"
    for content in (hls, f"ffconcat version 1.0\nfile {path}\n"):
        assert "damaged" in refused(content.encode(), media_type)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (7.4, "0:07"), (200, "3:20"), (3720.6, "1:02:00")])
def test_a_duration_reads_as_in_a_player(seconds, text):
    assert playing_time(seconds) == text


# --- What is hostile ------------------------------------------------------------------------------


def test_a_bomb_costs_one_preview(as_ana, upload, segmind, work):
    bomb = encoded(Image.new("1", (12_000, 9_000)))
    results = upload(as_ana, ("bomb.png", bomb), ("b.png", a_picture()))["results"]
    work()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "more than 100 megapixels" in file.preview_error and file.url
    assert neighbour.preview


def test_a_picture_larger_than_the_memory_it_may_take_says_so(settings):
    settings.PREVIEW_MEMORY_BYTES = 120_000_000
    assert "more than the 120 MB" in refused(encoded(Image.new("RGB", (7000, 7000))), "image/png")


class Watcher(threading.Thread):
    """Looks at the processes that this one starts for previews."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.environments: list[bytes] = []
        self.files: set[str] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.02):
            for task in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):  # a thread that has ended meanwhile
                    for pid in (task / "children").read_text().split():
                        self._look_at(Path("/proc") / pid)

    def _look_at(self, process: Path) -> None:
        with contextlib.suppress(OSError):  # a process that has ended meanwhile
            if b"previews.makers" in (process / "cmdline").read_bytes():
                self.environments.append((process / "environ").read_bytes())
                self.files |= {str(file.readlink()) for file in (process / "fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux shows a process from outside")
def test_a_decoder_that_hangs_is_ended_has_no_secrets_and_the_next_file_goes_on(
    as_ana, upload, segmind, work, settings
):
    settings.PREVIEW_CPU_SECONDS = 1
    results = upload(as_ana, ("endless.pdf", a_pdf_without_end()), ("b.png", a_picture()))["results"]
    watcher = Watcher()
    watcher.start()
    work()
    watcher.stopping.set()
    watcher.join()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "longer than the 1 s" in file.preview_error and neighbour.preview
    assert file.preview_error in as_ana.get(f"/assets/{results[0]['asset']['id']}/").content.decode()
    assert watcher.environments
    names = {line.partition(b"=")[0] for text in watcher.environments for line in text.split(b"\0") if line}
    assert names == {b"PYTHONPATH"}
    assert not [name for name in watcher.files if name.startswith("socket:") or "sqlite" in name]


# --- Rows and files -------------------------------------------------------------------------------


def test_previews_of_an_existing_library_are_made_by_a_command(segmind, work, capsys):
    missing, hopeless, shown, other = (
        an_asset(content=a_picture()), an_asset(content=b"GIF89a no picture"), an_asset(content=a_picture()),
        an_asset(stored_file=a_stored_file(content=b"text", media_type="text/plain")),
    )  # fmt: skip
    render_preview(shown.stored_file)
    render_preview(hopeless.stored_file)
    call_command("make_previews")
    work()
    assert capsys.readouterr().out.startswith("1 previews will be made.")
    assert StoredFile.objects.get(pk=missing.stored_file_id).preview
    StoredFile.objects.filter(pk=shown.stored_file_id).update(placeholder="", width=None)
    call_command("make_previews", "--all")
    work()
    assert capsys.readouterr().out.startswith("3 previews will be made.")
    file = StoredFile.objects.get(pk=shown.stored_file_id)
    assert file.preview and file.placeholder and file.width == 64
    assert StoredFile.objects.get(pk=hopeless.stored_file_id).preview_error
    assert not StoredFile.objects.get(pk=other.stored_file_id).needs_preview


def test_what_was_known_of_a_file_stays():
    file = a_stored_file(content=a_picture(size=(90, 60)), width=7)
    render_preview(file)
    file.refresh_from_db()
    assert (file.width, file.height) == (7, 60)


def test_an_original_that_is_not_kept_goes_when_there_can_be_no_preview(settings):
    settings.KEEP_ORIGINALS = False
    file = a_stored_file(content=b"GIF89a broken", media_type="image/gif", link_status=LinkStatus.VERIFIED)
    path = Path(file.original.path)
    render_preview(file)
    file.refresh_from_db()
    assert file.preview_error and not file.original and not path.exists()


def test_an_original_that_is_gone_is_said_to_be():
    file = a_stored_file(content=a_picture())
    Path(file.original.path).unlink()
    assert not render_preview(file)
    file.refresh_from_db()
    assert "missing" in file.preview_error


class Remote(Storage):
    """A storage whose files are not on this machine."""

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


def test_originals_may_lie_in_a_storage_without_paths(settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Remote"}}
    _, preview = previewed(encoded(quarters()), "image/png")
    assert shows_quarters(preview)
