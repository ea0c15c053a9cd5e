"""Hostile files: what they may cost, and what a decoder can reach."""

import contextlib
import os
import signal
import struct
import threading
import zlib
from pathlib import Path

import pytest
from PIL import Image

from assets.models import Asset
from assets.previews import limited_process
from assets.previews.makers import TOO_COMPLEX
from assets.previews.render import render_preview
from tests.previews.checks import previewed, refused, shows_quarters
from tests.support.factories import a_picture, a_stored_file
from tests.support.ffmpeg import draw
from tests.support.media import a_pdf, an_endless_pdf, encoded, pdf_stream, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


def test_a_decompression_bomb_costs_one_preview(as_ana, upload, segmind, work):
    bomb = encoded(Image.new("1", (12_000, 9_000)))
    results = upload(as_ana, ("bomb.png", bomb), ("b.png", a_picture()))["results"]
    work()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "over the 100-megapixel limit" in file.preview_error
    assert file.url
    assert neighbour.preview


def test_an_image_over_the_memory_limit_says_so(settings):
    settings.PREVIEW_MEMORY_BYTES = 120_000_000
    assert "more than the 120 MB memory limit" in refused(encoded(Image.new("RGB", (7000, 7000))), "image/png")


@pytest.mark.parametrize("format", ["WEBP", "AVIF"])
def test_a_large_image_has_a_preview_in_less_memory_than_its_pixels_take(settings, format):
    settings.PREVIEW_MEMORY_BYTES = 260_000_000
    options = {"quality": 1, "method": 0} if format == "WEBP" else {"quality": 1, "speed": 10}
    content = encoded(quarters(6400, 5200), format, **options)
    file, preview = previewed(content, f"image/{format.lower()}")
    assert (file.width, file.height) == (6400, 5200)
    assert shows_quarters(preview, by=50)


def test_a_video_in_8k_and_10_bits_has_a_poster():
    film = ("-f", "lavfi", "-i", "testsrc=s=7680x4320:r=10", "-frames:v", "2", "-pix_fmt", "yuv420p10le")
    content = draw("8k.mp4", *film, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
    file, preview = previewed(content, "video/mp4")
    assert (file.width, file.height) == (7680, 4320)
    assert preview.size == (640, 360)


def bomb(length: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(length // 1_000_000)) + packer.flush()


def a_png_with(kind: bytes, data: bytes) -> bytes:
    content = a_picture()
    part = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return content[:33] + part + content[33:]


def a_pdf_bomb() -> bytes:
    stream = pdf_stream(bomb(800_000_000), b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode")
    return a_pdf(b"/X Do", b"/XObject<</X 5 0 R>>", stream)


def test_what_its_decoder_gives_up_or_dies_of_is_too_complex_not_damaged():
    assert refused(a_pdf_bomb(), "application/pdf") == TOO_COMPLEX


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_metadata_that_its_decoder_gives_up_costs_no_preview(kind):
    assert previewed(a_png_with(kind, b"a\0\0" + bomb(200_000_000)), "image/png")


@pytest.mark.parametrize("format", ["WEBP", "AVIF", "HEIF"])
def test_an_image_whose_decoder_hides_that_it_had_too_little_memory_is_not_called_damaged(settings, format):
    settings.PREVIEW_MEMORY_BYTES = 120_000_000
    content = encoded(Image.new("RGB", (5000, 5000)), format)
    file = a_stored_file(content=content, media_type=f"image/{format.lower()}", width=5000, height=5000)
    assert not render_preview(file)
    file.refresh_from_db()
    assert "limit" in file.preview_error
    assert "damaged" not in file.preview_error


def test_a_decoder_that_waits_instead_of_working_is_killed():
    reader, writer = os.pipe()  # from which nothing ever comes
    with os.fdopen(reader, "rb") as endless, os.fdopen(writer, "wb"):
        answer = limited_process.run("preview", endless, "image/png", patience=1)
    assert answer.signal == signal.SIGALRM
    with pytest.raises(ChildProcessError):  # not even a zombie
        os.waitpid(-1, os.WNOHANG)


class Watcher(threading.Thread):
    """Watches the preview processes that this one starts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.environments: list[bytes] = []
        self.files: set[str] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.02):
            for task in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):  # the thread has ended
                    for pid in (task / "children").read_text().split():
                        self._inspect(Path("/proc") / pid)

    def _inspect(self, process: Path) -> None:
        with contextlib.suppress(OSError):  # the process has ended
            if b"previews.makers" in (process / "cmdline").read_bytes():
                self.environments.append((process / "environ").read_bytes())
                self.files |= {str(file.readlink()) for file in (process / "fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")
def test_a_hanging_decoder_is_killed_sees_no_secrets_and_does_not_stop_the_next_file(
    as_ana, upload, segmind, work, settings
):
    settings.PREVIEW_CPU_SECONDS = 1
    results = upload(as_ana, ("endless.pdf", an_endless_pdf()), ("b.png", a_picture()))["results"]
    watcher = Watcher()
    watcher.start()
    work()
    watcher.stopping.set()
    watcher.join()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "longer than the 1 s limit" in file.preview_error
    assert neighbour.preview
    assert file.preview_error in as_ana.get(f"/assets/{results[0]['asset']['id']}/").content.decode()
    assert set(watcher.environments) == {b""}
    assert not [name for name in watcher.files if name.startswith("socket:") or "sqlite" in name]
