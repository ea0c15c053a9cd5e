"""Which side of a picture is up, said in all the ways that cameras and programs have."""

import struct
import tempfile
from collections.abc import Callable

import pillow_jxl  # noqa: F401  (registers JPEG XL)
import pytest
from PIL import Image

from assets.models import StoredFile
from assets.previews.render import render_preview
from tests.previews.checks import shows_quarters
from tests.support.media import a_film, encoded, png_chunk, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]

Transpose = Image.Transpose
# How a picture is stored so that its orientation brings it back.
STORED = {
    1: None,
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}
# The same in the matrix of a video: (x, y) is shown at (ax + cy, bx + dy).
MATRICES = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
SIZE = (160, 96)


def stored(orientation: int, *, size: tuple[int, int] = SIZE) -> Image.Image:
    image, turn = quarters(*size), STORED[orientation]
    return image if turn is None else image.transpose(turn)


def exif(orientation: int, *, order: str = "<", tag: int = 0x0112) -> Image.Exif:
    data = Image.Exif()
    data.endian = order
    data[tag] = orientation
    return data


def a_tiff(orientation: int, **options) -> bytes:
    return encoded(stored(orientation), "TIFF", tiffinfo={0x0112: orientation}, **options)


def a_big_endian_tiff(orientation: int) -> bytes:
    """One strip of uncompressed pixels."""
    image = stored(orientation)
    pixels, entries = image.tobytes(), 9
    start = 8 + 2 + 12 * entries + 4
    tags = [
        (256, 3, 1, struct.pack(">HH", image.width, 0)),
        (257, 3, 1, struct.pack(">HH", image.height, 0)),
        (258, 3, 3, struct.pack(">L", start)),
        (262, 3, 1, struct.pack(">HH", 2, 0)),
        (273, 4, 1, struct.pack(">L", start + 6)),
        (274, 3, 1, struct.pack(">HH", orientation, 0)),
        (277, 3, 1, struct.pack(">HH", 3, 0)),
        (278, 3, 1, struct.pack(">HH", image.height, 0)),
        (279, 4, 1, struct.pack(">L", len(pixels))),
    ]
    directory = b"".join(struct.pack(">HHL", tag, kind, count) + value for tag, kind, count, value in tags)
    header = b"MM\0*" + struct.pack(">LH", 8, entries)
    return header + directory + bytes(4) + struct.pack(">HHH", 8, 8, 8) + pixels


def a_tiled_tiff(orientation: int) -> bytes:
    """Tiles of 16 by 16 pixels, in black and white."""
    image = stored(orientation).convert("L")
    across, down = image.width // 16, image.height // 16
    tiles = [
        image.crop((x * 16, y * 16, x * 16 + 16, y * 16 + 16)).tobytes() for y in range(down) for x in range(across)
    ]
    count, entries = len(tiles), 9
    offsets = 8 + 2 + 12 * entries + 4
    lengths, pixels = offsets + 4 * count, offsets + 8 * count
    values = [
        (256, image.width), (257, image.height), (258, 8), (262, 1), (274, orientation), (322, 16), (323, 16),
    ]  # fmt: skip
    directory = b"".join(struct.pack("<HHLL", tag, 3, 1, value) for tag, value in values)
    directory += struct.pack("<HHLL", 324, 4, count, offsets) + struct.pack("<HHLL", 325, 4, count, lengths)
    places = struct.pack(f"<{count}L", *(pixels + 256 * number for number in range(count)))
    header = b"II*\0" + struct.pack("<LH", 8, entries)
    return header + directory + bytes(4) + places + struct.pack(f"<{count}L", *[256] * count) + b"".join(tiles)


def a_png(orientation: int, *, is_after: bool) -> bytes:
    """With its EXIF data before or after the pixels."""
    content = encoded(stored(orientation))
    at = content.index(b"IEND" if is_after else b"IDAT") - 4
    return content[:at] + png_chunk(b"eXIf", exif(orientation).tobytes()[6:]) + content[at:]


def an_avif_that_says_it_twice(orientation: int) -> bytes:
    """In its container, which counts, and in its EXIF data, which Pillow would leave out."""
    data = exif(orientation)
    data[0x0113] = orientation
    content = encoded(stored(orientation), "AVIF", exif=data)
    assert content.count(b"\x13\x01\x03\0\x01\0\0\0") == 1
    return content.replace(b"\x13\x01\x03\0\x01\0\0\0", b"\x12\x01\x03\0\x01\0\0\0")


def a_jpeg_xl_of_a_jpeg(orientation: int) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:  # the encoder reads it by its name
        stored(orientation).save(file.name, exif=exif(orientation))
        with Image.open(file.name) as image:
            return encoded(image, "JXL", lossless_jpeg=True)


def a_video(container: str, orientation: int) -> bytes:
    """Its matrix is patched into the header of its track."""
    content = bytearray(a_film(container, *[stored(orientation)] * 4))
    at = content.index(b"tkhd") + 44
    assert struct.unpack_from(">i", content, at) == (1 << 16,)
    a, b, c, d = (value << 16 for value in MATRICES[orientation])
    struct.pack_into(">iiiii", content, at, a, b, 0, c, d)
    return bytes(content)


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
WAYS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "TIFF": ("tif", a_tiff),
    "TIFF, LZW": ("tif", lambda turn: a_tiff(turn, compression="tiff_lzw")),
    "TIFF of two pages": ("tif", lambda turn: a_tiff(turn, save_all=True, append_images=[quarters()])),
    "TIFF, big-endian": ("tif", a_big_endian_tiff),
    "TIFF, tiled": ("tif", a_tiled_tiff),
    "BigTIFF": ("tif", lambda turn: a_tiff(turn, big_tiff=True)),
    "TIFF whose XMP says otherwise": (
        "tif",
        lambda turn: encoded(stored(turn), "TIFF", tiffinfo={0x0112: turn, 700: XMP}),
    ),
    "JPEG": ("jpg", lambda turn: encoded(stored(turn), "JPEG", exif=exif(turn))),
    "JPEG, big-endian": ("jpg", lambda turn: encoded(stored(turn), "JPEG", exif=exif(turn, order=">"))),
    "PNG": ("png", lambda turn: a_png(turn, is_after=False)),
    "PNG, said last": ("png", lambda turn: a_png(turn, is_after=True)),
    "WebP": ("webp", lambda turn: encoded(stored(turn), "WEBP", exif=exif(turn), lossless=True)),
    "WebP, big-endian": ("webp", lambda turn: encoded(stored(turn), "WEBP", exif=exif(turn, order=">"), lossless=True)),
    "AVIF": ("avif", lambda turn: encoded(stored(turn), "AVIF", exif=exif(turn))),
    "AVIF, said twice": ("avif", an_avif_that_says_it_twice),
    "HEIC, said twice": ("heic", lambda turn: encoded(stored(turn), "HEIF", exif=exif(turn).tobytes())),
    "JPEG XL of a JPEG": ("jxl", a_jpeg_xl_of_a_jpeg),
    "MP4": ("mp4", lambda turn: a_video("mp4", turn)),
    "MOV": ("mov", lambda turn: a_video("mov", turn)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_whatever_side_a_picture_is_stored_on_it_is_shown_upright(as_ana, upload, way):
    ending, made = WAYS[way]
    files = [(f"{turn}.{ending}", made(turn)) for turn in STORED]
    for turn, result in zip(STORED, upload(as_ana, *files)["results"], strict=True):
        assert result["status"] == "received", result
        check_upright(as_ana, result["asset"], f"{way} {turn}", is_video=ending in ("mp4", "mov"))


def check_upright(client, asset: dict, name: str, *, is_video: bool) -> None:
    file = StoredFile.objects.get(assets=asset["id"])
    assert is_video or (file.width, file.height) == SIZE, name
    assert render_preview(file), name
    file.refresh_from_db()
    with file.preview.open() as opened, Image.open(opened) as preview:
        assert (file.width, file.height) == preview.size == SIZE, name
        colours = [(54,) * 3, (182,) * 3, (18,) * 3, (255,) * 3] if "tiled" in name else []
        assert shows_quarters(preview, *colours, by=60), name
    assert "160 × 96" in client.get(asset["page"]).content.decode(), name


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
def test_a_video_is_shown_as_its_camera_was_held(as_ana, upload, container, rotation):
    image = quarters(*SIZE).rotate(-rotation, expand=True)
    content = a_film(container, *[image] * 4, rotation=rotation)
    check_upright(as_ana, upload(as_ana, ("x", content))["results"][0]["asset"], container, is_video=True)


@pytest.mark.parametrize("format", ["HEIF", "AVIF", "JXL"])
def test_exif_data_alone_turns_nothing_where_the_container_has_the_word(as_ana, upload, format):
    content = encoded(quarters(*SIZE), format, exif=exif(6, tag=0x0113).tobytes())
    said = content.replace(b"\x13\x01\x03\0", b"\x12\x01\x03\0").replace(b"\x01\x13\0\x03", b"\x01\x12\0\x03")
    assert said != content
    check_upright(as_ana, upload(as_ana, ("x", said))["results"][0]["asset"], format, is_video=False)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF", "TIFF"])
def test_what_only_xmp_says_turns_nothing_as_in_browsers(as_ana, upload, format):
    options = {"tiffinfo": {700: XMP}} if format == "TIFF" else {"xmp": XMP}
    content = encoded(quarters(*SIZE), format, **options)
    check_upright(as_ana, upload(as_ana, ("x", content))["results"][0]["asset"], format, is_video=False)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG", "HEIF"])
def test_broken_exif_data_is_ignored(as_ana, upload, format):
    for data in (b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        content = encoded(quarters(*SIZE), format, exif=data)
        check_upright(as_ana, upload(as_ana, ("x", content))["results"][0]["asset"], format, is_video=False)


def test_the_size_of_a_huge_tiff_that_only_its_decoder_can_tell_is_swapped_once(as_ana, upload):
    content = encoded(Image.new("1", (14_000, 9000)), "TIFF", tiffinfo={0x0112: 6}, compression="group4")
    # With a number of strips that the reader of its structure does not follow.
    asset = upload(as_ana, ("x.tif", content.replace(b"\x17\x01\x04\0", b"\x17\x01\x07\0")))["results"][0]["asset"]
    assert (asset["width"], asset["height"]) == (9000, 14_000)
