"""What the table of formats says."""

import pytest

from assets.media.formats import TYPES_BY_WORD, format_name, registered_name


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("image/jpeg", "JPEG"),
        ("image/svg+xml", "SVG"),
        ("image/jxl", "JPEG XL"),
        ("video/x-ms-wmv", "WMV"),
        ("audio/mpeg", "MP3"),
        ("video/quicktime", "MOV"),
        ("video/x-unheard-of", "UNHEARD-OF"),
    ],
)
def test_a_format_is_called_what_people_call_it(media_type, name):
    assert format_name(media_type) == name


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("video/MP2T", "video/mp2t"),
        ("audio/x-hx-aac-adts", "audio/aac"),
        ("audio/vnd.wave", "audio/wav"),
        ("image/X-Unheard-Of", "image/x-unheard-of"),
    ],
)
def test_every_name_of_a_type_leads_to_the_one_that_is_sent(media_type, sent):
    assert registered_name(media_type) == sent


def test_people_search_for_a_format_by_any_of_its_names():
    assert TYPES_BY_WORD["jpg"] == TYPES_BY_WORD["jfif"] == ("image/jpeg",)
    assert TYPES_BY_WORD["jxl"] == TYPES_BY_WORD["jpeg xl"] == ("image/jxl",)
    assert set(TYPES_BY_WORD["heic"]) == {"image/heic", "image/heif"}
    assert set(TYPES_BY_WORD["ogg"]) == {"audio/ogg", "video/ogg"}
