"""Files that look damaged or cut off are received, with a note; sound ones have none, however unusual they are."""

import pytest
from PIL import Image

from assets.models import Asset, StoredFile
from tests.support.factories import a_picture
from tests.support.ffmpeg import FILM, SINE, draw
from tests.support.media import EVERY_FORMAT, encoded, quarters
from tests.uploads.test_image_check import a_png

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]

FASTSTART = ("-movflags", "faststart")
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov")


def a_gif() -> bytes:
    return encoded(quarters(), "GIF", save_all=True, append_images=[quarters().rotate(angle) for angle in (90, 180)])


def an_apng() -> bytes:
    noise = Image.effect_noise((160, 120), 60).convert("RGB")
    return encoded(quarters(), "PNG", save_all=True, append_images=[noise])


def a_tiff_of_two() -> bytes:
    return encoded(quarters(), "TIFF", save_all=True, append_images=[quarters()])


def a_linearised_pdf() -> bytes:
    head = b"%PDF-1.4\n1 0 obj\n<</Linearized 1/L 5000/H[1 2]/O 3/E 4/N 1/T 5>>\nendobj\n%%EOF\n"
    return head.ljust(5000, b" ") + b"startxref\n0\n%%EOF\n"


RECORDINGS = {
    "a.mp4": (*FILM, *SINE),
    "index-first.mp4": (*FILM, *SINE, *FASTSTART),
    "fragmented.mp4": (*FILM, *SINE, *FRAGMENTED),
    "a.m4a": SINE,
    "a.mov": FILM,
    "a.mkv": (*FILM, *SINE),
    "a.webm": FILM,
    "a.avi": FILM,
    "a.wmv": FILM,
    "a.flv": FILM,
    "a.ts": FILM,
    "a.mpg": ("-f", "lavfi", "-i", "testsrc=d=2:s=320x240:r=25"),
    "a.ogv": FILM,
    "a.ogg": SINE,
    "a.flac": SINE,
    "a.mp3": SINE,
    "a.wav": SINE,
    "64-bit.wav": (*SINE, "-rf64", "always"),
    "a.aiff": SINE,
    "a.au": SINE,
    "a.w64": SINE,
    "a.caf": SINE,
    "a.aac": SINE,
    "a.tta": SINE,
    "a.wv": SINE,
    "a.voc": (*SINE, "-c:a", "pcm_u8"),
    "a.dv": ("-f", "lavfi", "-i", "testsrc=d=0.2:s=720x576:r=25", "-c:v", "dvvideo", "-pix_fmt", "yuv420p"),
    "a.wma": SINE,
}
DOCUMENTS = {
    "a.jpg": lambda: encoded(quarters(), "JPEG"),
    "a.qoi": lambda: encoded(quarters(), "QOI"),
    "a.gif": a_gif,
    "a.png": an_apng,
    "a.tiff": a_tiff_of_two,
    "a.pdf": a_linearised_pdf,
}


def warning_of(as_ana, upload, name: str, content: bytes) -> str:
    [result] = upload(as_ana, (name, content))["results"]
    assert result["status"] == "received", result["error"]
    warning = result["asset"]["warning"]
    return warning["message"] if warning else ""


@pytest.mark.parametrize("name", [*RECORDINGS, *DOCUMENTS])
def test_a_file_that_is_cut_off_has_a_note_and_a_whole_one_has_none(name, as_ana, upload):
    content = draw(name, *RECORDINGS[name]) if name in RECORDINGS else DOCUMENTS[name]()
    assert warning_of(as_ana, upload, name, content) == ""
    assert "incomplete" in warning_of(as_ana, upload, name, content[: len(content) * 3 // 4 - 1])


def test_a_sound_that_ends_within_its_cover_is_incomplete(as_ana, upload):
    cover = ("-f", "lavfi", "-i", "testsrc=s=800x800:d=1:r=1", "-map", "0", "-map", "1", "-c:v", "bmp")
    content = draw("a.flac", *SINE, *cover, "-disposition:v", "attached_pic")
    assert warning_of(as_ana, upload, "a.flac", content) == ""
    assert "incomplete" in warning_of(as_ana, upload, "a.flac", content[:500_000])


def test_the_note_says_how_much_is_there(as_ana, upload):
    content = draw("a.mp4", *FILM, *FASTSTART, "-c:v", "mjpeg", "-q:v", "2")
    size = f"{len(content) / 1_000:.0f} kB"
    assert warning_of(as_ana, upload, "a.mp4", content[:60_000]) == f"This file looks incomplete: 60 kB of {size}."


def test_a_wrong_checksum_is_noted(as_ana, upload):
    content = a_png(8, 8)
    at = content.index(b"IEND") - 8
    changed = content[:at] + bytes(4) + content[at + 4 :]
    assert "checksum" in warning_of(as_ana, upload, "a.png", changed)


def test_pixels_that_cannot_be_decoded_are_noted_with_the_preview(as_ana, upload, segmind, work):
    content = a_png(800, 600, data=b"not compressed")
    assert warning_of(as_ana, upload, "a.png", content) == ""
    work()
    file = StoredFile.objects.get()
    assert "damaged" in file.preview_error
    assert "damaged" in file.warning


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_a_sound_file_with_bytes_behind_it_has_no_note(name, as_ana, upload):
    content = EVERY_FORMAT[name][1]()
    assert warning_of(as_ana, upload, f"a.{name}", content) == ""
    if name not in ("xbm", "svg", "svgz"):
        assert warning_of(as_ana, upload, f"a.{name}", content + bytes(100)) == ""
        assert warning_of(as_ana, upload, f"a.{name}", content + b"text behind the end " * 5) == ""


@pytest.mark.parametrize(
    ("format", "inputs"),
    [("wav", SINE), ("au", SINE), ("flac", SINE), ("matroska", FILM), ("webm", FILM), ("flv", FILM), ("avi", FILM)],
)
def test_a_recording_whose_length_was_not_known_has_no_note(format, inputs, as_ana, upload):
    assert warning_of(as_ana, upload, "live", draw("-", *inputs, "-f", format)) == ""


def test_a_jpeg_of_several_pictures_has_no_note(as_ana, upload):
    content = encoded(quarters(), "MPO", save_all=True, append_images=[quarters(80, 60)])
    assert warning_of(as_ana, upload, "a.jpg", content) == ""


def test_damaged_files_are_found_and_say_so_where_they_are_shown(as_ana, upload):
    results = upload(as_ana, ("cut.gif", a_gif()[:-300]), ("whole.png", a_picture()))["results"]
    cut = Asset.objects.get(pk=results[0]["asset"]["id"])
    message = results[0]["asset"]["warning"]["message"]
    found = as_ana.get("/?q=is:damaged", headers={"accept": "application/json"}).json()["assets"]
    assert [asset["id"] for asset in found] == [str(cut.pk)]
    assert message in as_ana.get("/?q=is:damaged").content.decode()
    assert message in as_ana.get(cut.get_absolute_url()).content.decode()
    [state] = as_ana.post("/upload/states/", {"ids": [str(cut.pk)]}, "application/json").json()["assets"]
    assert state["warning"] == {"code": "incomplete", "message": message}
