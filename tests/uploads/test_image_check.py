"""Images that would cost a decoder much: what is said of them, and what they cost the web process."""

import io
import signal
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from assets.media.formats import format_name
from assets.models import StoredFile
from assets.previews import limited_process
from assets.uploads import image_check, image_structure
from assets.uploads.image_structure import containers
from assets.uploads.image_structure.binary import UnclearError
from assets.uploads.image_structure.raster import TooManyScansError
from tests.support.factories import a_picture
from tests.support.media import PICTURES, a_psd, encoded, png_chunk, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")


def a_png(width: int, height: int, *, data: bytes | None = None) -> bytes:
    """A black image; `data` is its compressed content."""
    if data is None:
        data = zlib.compress(bytes((width * 3 + 1) * height), 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def a_jpeg_of_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    content = encoded(Image.effect_noise((64, 64), 60), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + content[-2:]


def with_size(content: bytes, at: int, *numbers: bytes) -> bytes:
    return content[:at] + b"".join(numbers) + content[at + len(b"".join(numbers)) :]


def refusal(answer: dict) -> tuple[str, str]:
    (result,) = answer["results"]
    assert result["status"] == "refused"
    return result["error"]["code"], result["error"]["message"]


def test_a_jpeg_of_thousands_of_scans_is_too_complex_not_damaged(as_ana, upload):
    code, message = refusal(upload(as_ana, ("x.jpg", a_jpeg_of_scans(5000))))
    assert code == "too_complex"
    assert "more than 100 scans" in message
    assert "damaged" not in message
    assert upload(as_ana, ("x.jpg", a_jpeg_of_scans(20)))["results"][0]["status"] == "received"


def huge(ending: str) -> bytes:
    """A small file that says it has 30,000 by 30,000 pixels."""
    side = 30_000
    content = PICTURES[ending][1]()
    if ending == "png":
        return a_png(side, side, data=zlib.compress(bytes(1000)))
    if ending == "jpg":
        return with_size(content, content.index(b"\xff\xc0") + 5, struct.pack(">HH", side, side))
    if ending == "avif":
        return with_size(content, content.index(b"ispe") + 8, struct.pack(">II", side, side))
    return with_size(
        content, {"gif": 6, "bmp": 18}[ending], struct.pack("<HH" if ending == "gif" else "<ii", side, side)
    )


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "avif", "bmp"])
def test_an_image_of_too_many_pixels_is_refused_with_its_size_and_the_limit(as_ana, upload, ending):
    code, message = refusal(upload(as_ana, ("x", huge(ending))))
    assert code == "too_many_pixels"
    assert "900 megapixels" in message
    assert "200-megapixel limit" in message


def test_an_image_that_needs_more_than_the_memory_limit_is_too_complex(as_ana, upload, settings):
    settings.PREVIEW_MEMORY_BYTES = 120_000_000
    code, message = refusal(upload(as_ana, ("x.tif", encoded(Image.new("RGB", (7000, 7000)), "TIFF")[:-1])))
    assert code == "too_complex"
    assert "120 MB" in message


@pytest.mark.slow
def test_an_image_whose_text_exceeds_a_limit_of_its_decoder_is_received(as_ana, upload):
    text = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
    content = a_png(8, 8)
    answer = upload(as_ana, ("x.png", content[:33] + text + content[33:-12]))
    assert answer["results"][0]["status"] == "received"


def test_an_image_whose_decoder_crashes_is_too_complex_not_damaged(as_ana, upload, monkeypatch):
    crash = "import os; os.kill(os.getpid(), {})"
    for number in (signal.SIGSEGV, signal.SIGABRT):
        monkeypatch.setattr(limited_process, "_CODE", crash.format(int(number)))
        code, message = refusal(upload(as_ana, ("x.png", a_picture()[:-30])))
        assert code == "too_complex"
        assert "damaged" not in message


def test_heif_metadata_over_the_limit_is_left_to_the_decoder():
    content = a_picture(format="HEIF")
    start = content.index(b"meta") - 4
    length = int.from_bytes(content[start : start + 4], "big")
    padding = b"free" + bytes(containers.MAX_METADATA_BYTES)
    box = struct.pack(">I", len(padding) + 4) + padding
    meta = content[start + 4 : start + length] + box
    longer = content[:start] + struct.pack(">I", length + len(box)) + meta + content[start + length :]
    with pytest.raises(UnclearError):
        image_structure.read_size(io.BytesIO(longer), "image/heic")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(2000), "Canon RAW (CR2)"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(2000), "Canon RAW (CR3)"),
        (b"FUJIFILMCCD-RAW 0201FF383501" + bytes(2000), "Fujifilm RAW (RAF)"),
        (b"\x57\x4d\x50\x48\0\x45\x6f\x53" + bytes(2000), None),
        (b"8BPS\0\2" + bytes(2000), "Photoshop Big (PSB)"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBI" + bytes(2000), "PNG of an iPhone app (CgBI)"),
        (b"gimp xcf v011\0" + bytes(2000), "GIMP"),
        (b"(\0\0\0\x10\0\0\0\x10\0\0\0\1\0\x18" + bytes(2000), "DIB"),
    ],
)
def test_an_image_of_another_format_is_not_called_damaged(as_ana, upload, head, name):
    code, message = refusal(upload(as_ana, ("x.png", head)))
    if name is None:
        assert code == "media_type"
        assert message == "Unsupported file. You can upload images, videos, audio and PDF files."
        return
    assert code == "unsupported"
    assert message == f"{name} files are not supported. Save this one as PNG, JPEG or WebP, then upload the new file."


def test_an_image_of_a_kind_that_its_decoder_does_not_know_is_not_called_damaged(as_ana, upload):
    code, message = refusal(upload(as_ana, ("x.psd", a_psd(depth=16))))
    assert code == "unsupported"
    assert message.startswith("Photoshop files of this kind are not supported. Save this one as PNG, JPEG or WebP")


@pytest.mark.parametrize("ending", ["jxl", "jp2", "psd", "tga", "ppm", "dds", "icns", "pam", "dpx"])
def test_half_an_image_is_damaged(as_ana, upload, ending):
    media_type, make = PICTURES[ending]
    content = make()
    code, message = refusal(upload(as_ana, (f"x.{ending}", content[: len(content) // 2])))
    assert code == "broken"
    assert f"starts as {format_name(media_type)} but" in message


def a_flat_jxl(width: int, height: int) -> bytes:
    """The header of a JPEG XL: ISO/IEC 18181-1, D.1."""
    bits = 0b0 | 3 << 1 | (height - 1) << 3 | 0 << 33 | 3 << 36 | (width - 1) << 38
    return b"\xff\x0a" + bits.to_bytes(12, "little") + bytes(100)


@pytest.mark.parametrize(
    "content",
    [
        a_flat_jxl(20_000, 15_000),
        b"P6 20000 15000 255\n" + bytes(100),
        struct.pack(">4sIIBB", b"qoif", 20_000, 15_000, 3, 0) + bytes(100),
    ],
    ids=["jxl", "ppm", "qoi"],
)
def test_an_image_over_the_limit_says_both_numbers_whatever_its_format(as_ana, upload, content):
    code, message = refusal(upload(as_ana, ("x", content)))
    assert code == "too_many_pixels"
    assert "300 megapixels, over the 200-megapixel limit" in message


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_the_size_is_that_of_the_image_as_it_is_shown(as_ana, upload, format):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    files = [("a", encoded(quarters(160, 96), format)), ("b", encoded(quarters(160, 96), format, exif=exif))]
    upright, turned = (result["asset"] for result in upload(as_ana, *files)["results"])
    assert (upright["width"], upright["height"]) == (160, 96)
    assert (turned["width"], turned["height"]) == (96, 160)


class Children(threading.Thread):
    """Watches the processes that this one starts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_at_once = 0
        self.seen: set[str] = set()
        self.stopping = threading.Event()

    def __enter__(self) -> "Children":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.join()

    def run(self) -> None:
        while not self.stopping.wait(0.01):
            now = {pid for task in Path("/proc/self/task").iterdir() for pid in self._children(task)}
            self.most_at_once = max(self.most_at_once, len(now))
            self.seen |= now

    def _children(self, task: Path) -> list[str]:
        try:
            return (task / "children").read_text().split()
        except OSError:  # the thread has ended
            return []


@linux
def test_the_usual_formats_start_no_process(as_ana, upload):
    endings = ("png", "jpg", "jpeg", "gif", "webp", "apng", "avif", "tif", "tiff", "bmp", "ico", "heic", "heif")
    usual = [(f"x.{ending}", PICTURES[ending][1]()) for ending in endings]
    with Children() as children:
        answer = upload(as_ana, *usual, ("large.png", a_png(9900, 9900)))
    assert {result["status"] for result in answer["results"]} == {"received"}
    sizes = [(result["asset"]["width"], result["asset"]["height"]) for result in answer["results"]]
    assert set(sizes) == {(64, 48), (48, 36), (9900, 9900)}  # an icon is smaller
    assert children.seen == set()


@linux
@pytest.mark.slow
def test_no_more_than_two_images_are_decoded_at_once(tmp_path):
    path = tmp_path / "cut-off.png"  # so that only a decoder can tell
    path.write_bytes(a_png(9900, 9900)[:-8])

    def measure(_: int) -> tuple[int, int] | None:
        with path.open("rb") as file:
            return image_check.measure(file, "image/png").size

    with Children() as children, ThreadPoolExecutor(6) as threads:
        sizes = set(threads.map(measure, range(6)))
    assert (9900, 9900) in sizes
    assert children.most_at_once <= limited_process.MAX_PROCESSES < len(children.seen)


def test_while_all_processes_are_busy_an_image_is_received_and_its_preview_tells(
    as_ana, upload, segmind, work, monkeypatch
):
    monkeypatch.setattr(image_check, "PATIENCE", 0.1)
    with ExitStack() as busy:
        for _ in range(limited_process.MAX_PROCESSES):
            busy.enter_context(limited_process._slot(None))
        result = upload(as_ana, ("x.png", a_picture()[:-30]))["results"][0]
    assert result["status"] == "received"
    work()
    assert "damaged" in StoredFile.objects.get().preview_error


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "avif", "heic", "tif", "bmp", "ico"])
def test_the_reader_says_a_size_or_that_it_does_not_know_whatever_is_in_the_file(ending):
    media_type, made = PICTURES[ending]
    content = made()
    for position in range(min(len(content), 400)):
        for value in (0, 1, 127, 255):
            changed = with_size(content, position, bytes([value]))
            for file in (changed, changed[: position + 1]):
                try:
                    assert all(image_structure.read_size(io.BytesIO(file), media_type))
                except (UnclearError, TooManyScansError):
                    continue
