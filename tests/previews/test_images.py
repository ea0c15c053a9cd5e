"""Previews of images."""

import io
from array import array
from base64 import b64decode

import pillow_heif
import pytest
from PIL import Image, ImageCms

from assets.previews.makers import metadata
from assets.previews.render import render_preview
from tests.previews.checks import is_near, previewed, refused, shows_quarters
from tests.support.factories import a_stored_file
from tests.support.media import BLUE, GREEN, PICTURES, RED, WHITE, a_still, encoded, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


def test_the_colour_profile_is_applied():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Swaps red and blue, by swapping the offsets of their tags.
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12], profile[red + 4 : red + 12],
    )  # fmt: skip
    _, preview = previewed(encoded(quarters(), icc_profile=bytes(profile)), "image/png")
    assert shows_quarters(preview, BLUE, GREEN, RED, WHITE)


def test_a_broken_profile_is_ignored():
    assert shows_quarters(previewed(encoded(quarters(), icc_profile=b"no profile"), "image/png")[1])


@pytest.mark.parametrize(("mode", "format"), [("CMYK", "JPEG"), ("P", "PNG"), ("P", "GIF"), ("YCbCr", "JPEG")])
def test_every_colour_mode_keeps_its_colours(mode, format):
    assert shows_quarters(previewed(encoded(quarters().convert(mode), format), f"image/{format.lower()}")[1])


def test_sixteen_bit_grey_is_shown_from_black_to_white():
    values = array("H", [x * 64 for x in range(1024)] * 300)
    _, preview = previewed(encoded(Image.frombytes("I;16", (1024, 300), values.tobytes())), "image/png")
    shades = [preview.getpixel((x, 1))[0] for x in (0, preview.width // 2, preview.width - 1)]
    assert shades[0] < 10
    assert 110 < shades[1] < 145
    assert shades[2] > 245


def test_transparency_is_kept_and_has_no_placeholder():
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 80, 60))
    for content in (encoded(image), encoded(image.quantize(16))):
        file, preview = previewed(content, "image/png")
        assert preview.mode == "RGBA"
        assert preview.getpixel((10, 10))[3] == 0
        assert preview.getpixel((90, 90))[3] == 255
        assert file.placeholder == ""


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1, 1), (1, 1)), ((40_000, 3), (18, 3)), ((300, 9000), (107, 640)), ((2000, 1500), (640, 480))],
)
def test_every_aspect_ratio_gets_a_preview(size, shown):
    file, preview = previewed(encoded(Image.new("RGB", size, GREEN)), "image/png")
    assert preview.size == shown
    assert is_near(preview.getpixel((0, 0)), GREEN)
    assert (file.width, file.height) == size


def test_an_image_is_held_in_memory_only_once(settings):
    settings.PREVIEW_MEMORY_BYTES = 4 * 6000 * 6000 + 80_000_000
    for mode, colour in [("RGBA", (*GREEN, 128)), ("RGB", GREEN), ("P", 3)]:
        _, preview = previewed(encoded(Image.new(mode, (6000, 6000), colour), compress_level=1), "image/png")
        assert preview.size == (640, 640)


def test_a_photo_of_two_hundred_megapixels_is_read_at_reduced_size():
    _, preview = previewed(encoded(quarters(16_320, 12_240), "JPEG", quality=30), "image/jpeg")
    assert shows_quarters(preview)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_shows_its_first_frame_and_is_marked_as_animated(format):
    still, other = quarters(), quarters().transpose(Image.Transpose.ROTATE_180)
    media_type = f"image/{format.lower()}"
    file, preview = previewed(encoded(still, format, save_all=True, append_images=[other]), media_type)
    assert file.is_animated
    assert shows_quarters(preview)
    assert not previewed(encoded(quarters(158), format), media_type)[0].is_animated


def test_pages_are_not_an_animation():
    file, _ = previewed(encoded(quarters(), "TIFF", save_all=True, append_images=[quarters()]), "image/tiff")
    assert not file.is_animated


def test_the_placeholder_has_the_colours_of_the_image():
    file, _ = previewed(encoded(quarters()), "image/png")
    with Image.open(io.BytesIO(b64decode(file.placeholder))) as image:
        assert image.format == "BMP"
        assert image.size == (4, 3)
        assert [image.getpixel(at) for at in [(0, 0), (3, 0), (0, 2), (3, 2)]] == [RED, GREEN, BLUE, WHITE]
    assert len(file.placeholder) == 120


@pytest.mark.parametrize("format", ["JXL", "JPEG2000", "TGA", "QOI", "DDS", "PPM", "SGI"])
def test_other_formats_keep_their_colours(format):
    media_types = {"JPEG2000": "image/jp2", "TGA": "image/x-targa", "DDS": "image/vnd-ms.dds"}
    media_types |= {"PPM": "image/x-portable-pixmap"}
    media_type = media_types.get(format, f"image/{format.lower()}")
    file, preview = previewed(encoded(quarters(), format), media_type)
    assert shows_quarters(preview)
    assert (file.width, file.height) == (160, 120)


@pytest.mark.parametrize("size", [(1600, 1200), (1601, 1199), (1000, 301)])
def test_a_large_jpeg_2000_is_halved_while_it_is_decoded(size):
    file, preview = previewed(encoded(quarters(*size), "JPEG2000", num_resolutions=6), "image/jp2")
    assert (file.width, file.height) == size
    assert max(preview.size) <= 640


@pytest.mark.parametrize("ending", ["exr", "pam", "pfm", "dpx", "jls"])
def test_what_only_ffmpeg_reads_is_shown(ending):
    media_type, make = PICTURES[ending]
    file, preview = previewed(make(), media_type)
    assert shows_quarters(preview)
    assert (file.width, file.height) == (160, 120)


def test_a_cursor_is_shown_as_an_icon():
    content = bytearray(encoded(quarters(64, 48), "ICO"))
    content[2] = 2
    assert shows_quarters(previewed(bytes(content), "image/x-icon")[1])


def test_an_icns_with_a_palette_is_shown():
    assert shows_quarters(previewed(encoded(quarters().quantize(4), "ICNS"), "image/icns")[1])


XPM = b"""/* XPM */
static char *a[] = {
"32 24 4 1",
"a c red",
"b c Green",
"c c #00000000FFFF",
"d c gray100",
%s};"""


def test_an_xpm_may_name_its_colours():
    rows = [b'"%s",\n' % (left * 16 + right * 16) for left, right in ((b"a", b"b"), (b"c", b"d")) for _ in range(12)]
    assert shows_quarters(previewed(XPM % b"".join(rows), "image/x-xpixmap")[1])


def test_deep_colours_of_jpeg_2000_keep_their_white():
    content = a_still("jpeg2000", "rgb48le")
    assert shows_quarters(previewed(content, "image/jp2")[1])


def test_half_a_jpeg_is_shown_as_far_as_it_goes():
    content = encoded(quarters(), "JPEG")
    assert shows_quarters(previewed(content[:-2], "image/jpeg")[1])


def test_sixteen_bits_of_a_pgm_keep_their_grey():
    content = b"P5 4 4 65535\n" + b"\x80\0\xc0\0" * 8
    _, preview = previewed(content, "image/x-portable-graymap")
    assert is_near(preview.convert("RGB").getpixel((0, 0)), (128, 128, 128))


def test_a_kind_that_its_decoder_does_not_know_is_not_called_damaged():
    deep = encoded(Image.new("F", (20, 20)), "TIFF").replace(
        b"\x02\x01\x03\0\1\0\0\0\x20", b"\x02\x01\x03\0\1\0\0\0\x10"
    )
    file = a_stored_file(content=deep, media_type="image/tiff")
    assert not render_preview(file)
    file.refresh_from_db()
    assert file.preview_error == "Previews of TIFF files of this kind are not supported."


@pytest.mark.parametrize(
    "content",
    [
        b"MM\0+\0\x08\0\0" + bytes(100),
        encoded(quarters(), "TIFF").replace(b"\3\1\3\0\1\0\0\0\1\0", b"\3\1\3\0\1\0\0\0\x51\xc3"),
    ],
    ids=["big-endian BigTIFF", "WebP in TIFF"],
)
def test_a_tiff_of_a_kind_that_is_not_read_is_not_called_damaged(content):
    assert refused(content, "image/tiff") == "Previews of TIFF files of this kind are not supported."


def test_the_tiles_of_a_heic_are_noticed_and_shown_as_one_picture(monkeypatch):
    whole = encoded(quarters(), "HEIF")
    monkeypatch.setattr(pillow_heif.options, "GRID_TILE_SIZE", 64)
    tiled = encoded(quarters(), "HEIF")
    # Those of a large picture are left to Pillow: FFmpeg gives back one tile, and takes memory that Pillow needs.
    assert [metadata.has_tiles(io.BytesIO(content)) for content in (whole, tiled)] == [False, True]
    file, preview = previewed(tiled, "image/heic")
    assert (file.width, file.height) == (160, 120)
    assert shows_quarters(preview)
