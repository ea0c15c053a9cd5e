import re

import pytest
from django.core.exceptions import ValidationError

from assets.uploads.acceptance import check_media_type, describe_accepted, is_accepted


@pytest.mark.parametrize(
    ("patterns", "words"),
    [
        (["image/*", "video/mp4", "application/pdf"], "images, MP4 files (video/mp4) and PDF files"),
        (["audio/*"], "audio"),
        (["Image/JXL", "application/zip"], "JPEG XL files (image/jxl) and application/zip"),
    ],
)
def test_accepted_types_are_described_in_words(patterns, words, settings):
    settings.UPLOAD_MEDIA_TYPES = patterns
    assert describe_accepted() == words


def test_a_setting_may_call_a_type_by_another_of_its_names(settings):
    settings.UPLOAD_MEDIA_TYPES = [" Image/vnd.microsoft.icon", "audio/x-wav"]
    assert is_accepted("image/x-icon")
    assert is_accepted("audio/wav")
    assert not is_accepted("image/png")


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        ("audio/midi", "MIDI files are not supported. Save this one as MP3, WAV or FLAC"),
        (
            "audio/x-xm",
            "Tracker music (XM) files are not supported. Save this one as MP3, WAV or FLAC",
        ),
        ("video/x-fli", "FLI and FLC files are not supported. Save this one as MP4, MOV or WebM"),
        ("application/mxf", "MXF files are not supported. Save this one as MP4, MOV or WebM"),
        (
            "image/x-unheard-of",
            "Files of type image/x-unheard-of are not supported. Save this one as PNG, JPEG or WebP",
        ),
    ],
)
def test_what_is_not_supported_is_named_with_what_would_be(media_type, words):
    with pytest.raises(ValidationError, match=re.escape(f"{words}, then upload the new file.")) as refused:
        check_media_type(media_type)
    assert refused.value.code == "unsupported"


def test_nothing_is_suggested_that_is_not_accepted(settings):
    settings.UPLOAD_MEDIA_TYPES = ["audio/wav", "image/*"]
    with pytest.raises(ValidationError, match="Save this one as WAV, then"):
        check_media_type("audio/midi")
    with pytest.raises(ValidationError, match=re.escape("You can upload WAV files (audio/wav) and images.")):
        check_media_type("application/mxf")
