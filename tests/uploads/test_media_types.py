import gzip
import io
import struct
import time

import pytest

from assets.uploads import media_types
from assets.uploads.acceptance import is_accepted
from tests.support.factories import a_picture
from tests.support.media import EVERY_FORMAT, SOUNDS, SVG, a_sound, a_video


@pytest.mark.parametrize("ending", EVERY_FORMAT)
def test_every_format_is_recognised_by_its_content(ending):
    expected, made = EVERY_FORMAT[ending]
    assert media_types.detect(made()[: media_types.HEAD_BYTES]) == expected


@pytest.mark.parametrize(
    "head",
    [
        b"MZ" + bytes(300),
        b"#!/bin/sh\nrm -rf /\n",
        b"<!DOCTYPE html><html><svg></svg><script>alert(1)</script></html>",
        b"<?xml version='1.0'?><note><svg/></note>",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + b"0" * 100,
        gzip.compress(b"<html></html>", mtime=0),
        b"PK\x05\x06" + bytes(18),
        bytes(1000),
    ],
)
def test_other_content_is_not_accepted_by_default(head):
    assert not is_accepted(media_types.detect(head))


@pytest.mark.parametrize(
    "prolog", [b"", b"\xef\xbb\xbf", b"\n\n", b"<!DOCTYPE svg PUBLIC 'a' 'b'>", b"<!-- <html> -->"]
)
def test_an_svg_is_recognised_whatever_precedes_its_root(prolog):
    assert media_types.detect(prolog + SVG.partition(b"?>\n")[2]) == "image/svg+xml"


@pytest.mark.parametrize("before", [b"", b"\n", b"\xef\xbb\xbf", b"x" * 1015, bytes(1000), b"@echo off\r\n"])
def test_a_pdf_begins_where_readers_look_for_it(before):
    assert media_types.detect(before + b"%PDF-1.7\n1 0 obj") == "application/pdf"


@pytest.mark.parametrize("before", [b"x" * 1024, b" " * 1025, bytes(3000)])
def test_what_begins_later_is_no_pdf(before):
    assert media_types.detect(before + b"%PDF-1.7\n1 0 obj") != "application/pdf"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_an_svg_may_be_in_utf_16(encoding):
    text = '<?xml version="1.0" encoding="UTF-16"?><svg xmlns="http://www.w3.org/2000/svg"><title>é</title></svg>'
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert media_types.detect((mark + text).encode(encoding)) == "image/svg+xml"
    assert media_types.detect(text.replace("svg", "gvs").encode(encoding)) != "image/svg+xml"


def test_a_prolog_that_is_made_to_be_slow_is_not_an_svg():
    assert media_types.detect(b"<!-- " * 10_000) != "image/svg+xml"


def test_a_file_that_leads_in_circles_is_unknown_or_music():
    assert media_types.detect(b"\0" + b"ID3\3\0\0\0\0\0\0" * 6000) == media_types.UNKNOWN
    assert media_types.detect(b"ID3\3\0\0\0\0\0\0" * 6000) == "audio/mpeg"


@pytest.mark.parametrize("head", [b"\x56\xe0" + bytes(range(256)) * 20, b"\xff\xf1" + bytes(range(256)) * 20])
def test_two_bytes_are_not_enough_to_be_called_a_sound(head):
    assert media_types.detect(head) == media_types.UNKNOWN


@pytest.mark.parametrize("blank", [b" ", b"\n", b"\t \r", b"\x05"])
def test_a_file_of_blanks_is_recognised_as_fast_as_any_other(blank):
    def measure(head: bytes) -> float:
        start = time.process_time()
        assert media_types.detect(head[: media_types.HEAD_BYTES]) == "text/plain"
        return time.process_time() - start

    other = max(measure(b"a" * media_types.HEAD_BYTES) for _ in range(3))
    assert min(measure(blank * media_types.HEAD_BYTES) for _ in range(3)) < 20 * other


def an_id3_tag(length: int, *, has_footer: bool = False) -> bytes:
    size = bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))
    if has_footer:
        return b"ID3\4\0\x10" + size + bytes(length) + b"3DI\4\0\x10" + size
    return b"ID3\3\0\0" + size + bytes(length)


def an_ape_tag(length: int) -> bytes:
    return b"APETAGEX" + struct.pack("<IIII", 2000, length, 1, 0x80000000) + bytes(8 + length)


@pytest.mark.parametrize(
    "tags",
    [
        an_id3_tag(300_000),
        an_id3_tag(300_000, has_footer=True),
        an_id3_tag(300_000) + an_id3_tag(20) + an_id3_tag(100_000),
        an_id3_tag(10) + bytes(100_000),
        an_id3_tag(30_000_000),
        an_ape_tag(100_000),
        an_id3_tag(0)[:-1] + b"\xff" + bytes(255),
        b"ID3\3\0\0\x7f\x7f\x7f\x7f",
    ],
    ids=["long", "footer", "several", "zeros", "huge", "ape", "plain size", "longer than the file"],
)
@pytest.mark.parametrize("sound", ["mp3", "aac", "flac", "tta", "wv"])
def test_tags_before_a_sound_hide_nothing(sound, tags, sounds):
    media_type, content = sounds[sound]
    assert media_types.detect_file(io.BytesIO(tags + content)) == media_type


@pytest.fixture(scope="module")
def sounds() -> dict[str, tuple[str, bytes]]:
    more = {"tta": ("audio/x-tta", "tta", "tta"), "wv": ("audio/x-wavpack", "wv", "wavpack")}
    drawn = {name: (media_type, a_sound(container, codec)) for name, (media_type, container, codec) in more.items()}
    return drawn | {name: (SOUNDS[name][0], SOUNDS[name][1]()) for name in ("mp3", "aac", "flac")}


@pytest.mark.parametrize("sound", ["mp3", "aac"])
@pytest.mark.parametrize("before", [bytes(3000), b"\xff" * 3000, b"\x5a\xa5" * 1000])
def test_a_broadcast_may_begin_in_the_middle_of_a_frame(sound, before):
    media_type = SOUNDS[sound][0]
    container, codec = {"mp3": ("mp3", "libmp3lame"), "aac": ("adts", "aac")}[sound]
    content = a_sound(container, codec, loudness=[0.5] * 20)
    assert media_types.detect(before + content[200:]) == media_type


def test_what_only_looks_like_music_behind_a_tag_is_not_another_type():
    assert media_types.detect_file(io.BytesIO(an_id3_tag(10) + a_picture())) == "audio/mpeg"


def repacked(stream: bytes, before: int, after: int) -> bytes:
    packets = (stream[at : at + 188] for at in range(0, len(stream), 188))
    return b"".join(bytes(before) + packet + bytes(after) for packet in packets)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (4, 0), (0, 16)], ids=["188", "192", "204"])
@pytest.mark.parametrize("skipped", [0, 188, 1, 100], ids=["whole", "from the second packet", "odd", "in a packet"])
def test_a_transport_stream_is_known_by_its_packets(before, after, skipped):
    stream = repacked(a_video("mpegts", "mpeg2video"), before, after)
    assert media_types.detect(stream[skipped:][: media_types.HEAD_BYTES]) == "video/mp2t"


def test_lines_that_begin_alike_are_no_transport_stream():
    assert media_types.detect((b"G" + b"0" * 186 + b"\n") * 100) == "text/plain"
    assert media_types.detect(b"G" * 5000) == "text/plain"


@pytest.mark.parametrize("kind", [1, 2], ids=["icon", "cursor"])
def test_an_icon_that_begins_like_a_tga_is_an_icon(kind):
    content = bytearray(a_picture(format="ICO"))
    content[2] = kind
    assert media_types.detect(bytes(content)) == "image/x-icon"


@pytest.mark.parametrize(
    ("brands", "expected"),
    [
        ("f4v isom", "video/mp4"),
        ("XAVCXAVCmp42", "video/mp4"),
        ("dashiso6", "video/mp4"),
        ("M4B isom", "audio/mp4"),
        ("3ge6isom", "video/3gpp"),
        ("qt  qt  ", "video/quicktime"),
        ("mif1mif1heic", "image/heif"),
        ("mif1mif1avif", "image/avif"),
        ("heixmif1", "image/heic"),
        ("crx isom", "image/x-canon-cr3"),
    ],
)
def test_a_file_of_boxes_is_what_its_brand_says(brands, expected):
    major, *others = [brands[at : at + 4].encode() for at in range(0, len(brands), 4)]
    box = b"ftyp" + major + bytes(4) + b"".join(others)
    assert media_types.detect(struct.pack(">I", len(box) + 4) + box + b"\0\0\0\x08free") == expected


def a_tiff(*entries: tuple[int, int, bytes]) -> bytes:
    """One directory: tag, type and value of each entry."""
    directory = struct.pack("<H", len(entries))
    for tag, kind, value in sorted(entries):
        directory += struct.pack("<HHI", tag, kind, len(value) // {2: 1, 3: 2, 4: 4}[kind]) + value.ljust(4, b"\0")
    return b"II*\0\x08\0\0\0" + directory + bytes(4)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(0x106, 3, b"\2\0")], "image/tiff"),
        ([(0x106, 3, b"\x23\x80"), (0x10F, 2, b"SONY")], "image/x-sony-arw"),
        ([(0x106, 3, b"\x23\x80"), (0x10F, 2, b"Leaf")], "image/x-raw"),
        ([(0x106, 3, b"\2\0"), (0xC612, 4, b"\1\4\0\0")], "image/x-adobe-dng"),
    ],
)
def test_what_a_sensor_saw_is_not_called_a_tiff(entries, expected):
    assert media_types.detect(a_tiff(*entries)) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x0b\x77\xf8\x4c\x40\x2f" + bytes(100), "audio/ac3"),
        (b"\x0b\x77\0\xcf\x72\x87" + bytes(100), "audio/eac3"),
        (b"Creative Voice File\x1a\x1a\0" + bytes(100), "audio/x-voc"),
        (b"ADIF" + bytes(100), "audio/x-hx-aac-adif"),
        (b"MThd\0\0\0\6\0\1\0\2\1\xe0MTrk" + bytes(100), "audio/midi"),
        (b"RIFF\x24\0\0\0RMIDdata" + bytes(100), "audio/midi"),
        (b"Extended Module: song" + bytes(100), "audio/x-xm"),
        (b"\xff\xd8\xff\xf7\0\x0b\x08" + bytes(100), "image/jls"),
        (b"OggS\0\2" + bytes(20) + b"\1\x0fOVP80\1" + bytes(100), "video/ogg"),
        (b"\0\0\0\0\1\xbc\0\0\0\x50" + bytes(100), "video/x-gxf"),
        (b"\x12\0\x0a\x0b\0\0\0\x04\x3c\xff" + bytes(100), "video/x-obu"),
    ],
)
def test_formats_that_libmagic_does_not_know(head, expected):
    assert media_types.detect(head) == expected
