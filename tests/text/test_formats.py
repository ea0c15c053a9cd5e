import pytest

from assets.text.formats import format_count, format_duration, format_size, plural, pluralise


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (34_400, "34 kB"),
        (1_000_000, "1 MB"),
        (1_250_000, "1.2 MB"),
        (62_000_000, "62 MB"),
        (5_000_000_000, "5 GB"),
    ],
)
def test_a_size_is_written_in_units_of_1000(size, text):
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("count", "noun"),
    [(0, "assets"), (1, "asset"), (2, "assets"), ("1", "asset"), ("1,000+", "assets"), (1.0, "asset")],
)
def test_a_noun_goes_with_its_count(count, noun):
    assert plural(count, "asset", "assets") == noun


def test_a_large_count_is_capped():
    assert [format_count(1000), format_count(1001)] == ["1,000", "1,000+"]


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (7.4, "0:07"), (200, "3:20"), (3720.6, "1:02:00")])
def test_a_duration_is_written_as_in_a_player(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 files"), (1, "1 file"), (1200, "1,200 files")], ids=["none", "one", "many"]
)
def test_a_count_is_shown_with_its_noun(count, words):
    assert pluralise(count, "file") == words


def test_a_noun_with_a_plural_of_its_own_uses_it():
    assert pluralise(2, "link is broken", "links are broken") == "2 links are broken"
