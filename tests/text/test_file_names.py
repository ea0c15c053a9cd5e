"""What a file is saved as says what it is."""

import pytest

from assets.text.file_names import MAX_BYTES, name_to_save, without_invisible, without_reordering
from assets.uploads.acceptance import is_accepted
from tests.support.media import EVERY_FORMAT

PDF, GIF, PNG = "application/pdf", "image/gif", "image/png"


@pytest.mark.parametrize("ending", EVERY_FORMAT)
def test_the_usual_ending_of_every_format_stays(ending):
    media_type, _ = EVERY_FORMAT[ending]
    for name in (f"Clip.{ending}", f"Clip.{ending.upper()}"):
        assert name_to_save(name, media_type) == name


@pytest.mark.parametrize(
    ("name", "media_type", "saved"),
    [
        ("report.html", PDF, "report.html.pdf"),
        ("run.bat", GIF, "run.bat.gif"),
        ("holiday.hta", PDF, "holiday.hta.pdf"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("photo.JPG", "image/jpeg", "photo.JPG"),
        ("clip.MOV", "video/quicktime", "clip.MOV"),
        ("no ending", PNG, "no ending.png"),
        ("run.bat", "text/plain", "run.bat.txt"),
        ("x.exe", "image/x-unheard-of", "x.exe.bin"),
        ("photo.gpj\u202e.exe", PNG, "photo.gpj.exe.png"),
        ("evil.e\u200bxe", PNG, "evil.exe.png"),
        ("a.pdf. . ", PDF, "a.pdf"),
        ("a.pdf::$DATA", PDF, "a.pdf__$DATA.pdf"),
        ("../../etc/passwd", PNG, "_.._etc_passwd.png"),
        ("a\\b\r\nc\x7f.png", PNG, "a_b__c_.png"),
        ("CON", PDF, "_CON.pdf"),
        ("con .tar.pdf", PDF, "_con .tar.pdf"),
        ("LPT¹.pdf", PDF, "_LPT¹.pdf"),
        ("console.pdf", PDF, "console.pdf"),
        ("", PNG, "file.png"),
        ("\u202e..", PNG, "file.png"),
        ("שלום 猫 🐈.png", PNG, "שלום 猫 🐈.png"),
    ],
)
def test_a_name_ends_as_its_file_is_and_leads_nowhere(name, media_type, saved):
    assert name_to_save(name, media_type) == saved


@pytest.mark.parametrize("name", ["x" * 300, "🐈" * 255, "x" * 250 + ".png", "con." * 80])
def test_a_long_name_keeps_its_ending(name):
    saved = name_to_save(name, PNG)
    assert saved.endswith(".png")
    assert len(saved.encode()) <= MAX_BYTES + 1


def test_nothing_unseen_is_in_a_name_on_screen():
    assert without_invisible("a\u202eb\u200b\u2066\u00ad\ufeff\u3164\n\ud800\u200fc.png") == "abc.png"
    assert without_reordering("Titel \u202eגדול\u202c \u200f!") == "Titel גדול \u200f!"


def test_every_accepted_type_has_an_ending_of_its_own():
    for media_type, _ in EVERY_FORMAT.values():
        if is_accepted(media_type):
            assert not name_to_save("x", media_type).endswith(".bin")
