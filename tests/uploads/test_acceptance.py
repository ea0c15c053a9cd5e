import pytest

from assets.uploads.acceptance import describe_accepted, is_accepted


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
