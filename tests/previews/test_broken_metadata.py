"""Metadata never decides whether something can be shown."""

import struct
import zlib

import pytest
from PIL import ExifTags, Image

from assets.models import Asset
from tests.previews.checks import previewed
from tests.support.factories import a_picture
from tests.support.ffmpeg import FILM, SINE, draw
from tests.support.media import encoded, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]

LATIN_1 = b"Caf\xe9 \xff"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.wav", "audio/wav"),
        ("a.mp3", "audio/mpeg"),
        ("a.flac", "audio/flac"),
        ("a.ogg", "audio/ogg"),
        ("a.m4a", "audio/mp4"),
        ("a.aiff", "audio/aiff"),
        ("a.au", "audio/basic"),
    ],
)
def test_audio_with_tags_in_latin_1_has_a_waveform_and_a_duration(name, media_type):
    file, preview = previewed(draw(name, *SINE, "-metadata", b"title=" + LATIN_1), media_type)
    assert preview.size == (640, 240)
    assert file.duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.mp4", "video/mp4"), ("a.mov", "video/quicktime"), ("a.mkv", "video/x-matroska"), ("a.avi", "video/x-msvideo")],
)
def test_a_video_with_tags_and_streams_in_latin_1_has_a_poster(name, media_type):
    tags = [part for at in ("", ":s:v", ":s:a") for part in (f"-metadata{at}", b"title=" + LATIN_1)]
    file, preview = previewed(draw(name, *FILM, *SINE, *tags), media_type)
    assert preview.size == (file.width, file.height) == (320, 240)


def test_chapters_and_attachments_in_latin_1_do_not_matter(tmp_path):
    (tmp_path / "chapters").write_bytes(b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=" + LATIN_1)
    (tmp_path / "font").write_bytes(b"no font")
    chapters = ("-i", tmp_path / "chapters", "-map_chapters", "1", "-map", "0")
    font = ("-attach", tmp_path / "font", "-metadata:s:1", "mimetype=font/ttf", "-metadata:s:1", b"filename=" + LATIN_1)
    assert previewed(draw("a.mkv", *FILM, *chapters, *font), "video/x-matroska")


def test_a_broken_cover_leaves_the_waveform():
    picture = b"\0image/jpeg\0\3\0\xff\xd8\xff no picture"
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    tag = b"ID3\3\0\0" + struct.pack(">I", len(frame)) + frame
    assert previewed(tag + draw("a.mp3", *SINE, "-id3v2_version", "0"), "audio/mpeg")


def png_chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


PNG_CHUNKS = {
    "text_with_a_wrong_checksum": png_chunk(b"tEXt", b"Comment\0x", 0),
    "text_too_large": png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000))),
    "text_compressed_in_another_way": png_chunk(b"zTXt", b"Comment\0\7x"),
    "profile_too_large": png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(2_000_000))),
    "profile_compressed_in_another_way": png_chunk(b"iCCP", b"x\0\7x"),
    "exif": png_chunk(b"eXIf", b"no exif"),
    "resolution": png_chunk(b"pHYs", b"\0"),
    "gamma": png_chunk(b"gAMA", b""),
    "colours": png_chunk(b"cHRM", b"\0"),
    "intent": png_chunk(b"sRGB", b""),
}


@pytest.mark.parametrize("chunk", PNG_CHUNKS)
def test_a_png_with_a_broken_chunk_that_pixels_do_not_need_is_shown(chunk, as_ana, upload, segmind, work):
    content = a_picture()
    [result] = upload(as_ana, ("a.png", content[:33] + PNG_CHUNKS[chunk] + content[33:]))["results"]
    work()
    assert Asset.objects.get(pk=result["asset"]["id"]).stored_file.preview


@pytest.mark.parametrize(
    "segment", [(0xE0, b"JFIF\0"), (0xEE, b"Adobe"), (0xE1, b"Exif\0\0no exif"), (0xED, b"Photoshop 3.0\0")]
)
def test_a_jpeg_with_a_broken_segment_is_shown(segment):
    content = a_picture(format="JPEG")
    number, data = segment
    part = b"\xff" + bytes([number]) + struct.pack(">H", len(data) + 2) + data
    assert previewed(content[:2] + part + content[2:], "image/jpeg")[1].size == (64, 48)


@pytest.mark.parametrize("format", ["WEBP", "HEIF"])
def test_an_image_with_broken_exif_xmp_and_profile_is_shown(format):
    content = encoded(quarters(), format, exif=b"Exif\0\0no exif", xmp=b"<\xff", icc_profile=b"no profile")
    assert previewed(content, f"image/{format.lower()}".replace("heif", "heic"))[1].size == (160, 120)


def test_an_avif_with_broken_exif_is_shown():
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "x"
    content = encoded(quarters(), "AVIF", exif=exif)
    assert content.count(b"MM\0*") == 1
    assert previewed(content.replace(b"MM\0*", b"XXXX"), "image/avif")[1].size == (160, 120)
