"""The language of the search box, without a database: what text means, and that no text breaks it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.search.query_parser import QUALIFIERS, STATES, Comparison, Term, When, parse, tokens, with_term, written
from assets.text.normalise import normalise_words


def terms(text: str) -> list[tuple[object, ...]]:
    return [(term.name, term.value, *["not"] * term.is_negated) for term in parse(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  harbour   DAWN ", [("text", "harbour"), ("text", "dawn")]),
        ("Cliché", [("text", "cliche")]),
        ('"at  Dawn"', [("text", "at dawn")]),
        ('"at dawn', [("text", "at dawn")]),
        ("-night", [("text", "night", "not")]),
        ('-"at night"', [("text", "at night", "not")]),
        ("-", [("text", "-")]),
        ('"', [("text", '"')]),
        ("twice twice", [("text", "twice")]),
        ("tag:Sea", [("tag", "sea")]),
        ('tag:"New York"', [("tag", "new york")]),
        ('tag:"the ""best"" one"', [("tag", 'the "best" one')]),
        ("vase -", [("text", "vase")]),
        ('vase -red "', [("text", "vase"), ("text", "red", "not")]),
        ("-tag:draft", [("tag", "draft", "not")]),
        ("TAG:sea", [("tag", "sea")]),
        ("in:Trips/2024", [("in", "trips/2024")]),
        ('in:" Trips / 2024 /"', [("in", "trips/2024")]),
        ("by:me", [("by", "me")]),
        ("type:image", [("kind", "image")]),
        ("type:Videos", [("kind", "video")]),
        ("type:png", [("media_type", ("image/png",))]),
        ("type:jpg", [("media_type", ("image/jpeg",))]),
        ("type:image/webp", [("media_type", ("image/webp",))]),
        ("is:favorite", [("is", "favourite")]),
        ("wide:", [("is", "wide")]),
        ("-tall:", [("is", "tall", "not")]),
        ("size:>5mb", [("size", Comparison(">", 5_000_000))]),
        ("size:<=1.5kB", [("size", Comparison("<=", 1500))]),
        ("size:0", [("size", Comparison("=", 0))]),
        ("width:>=1024", [("width", Comparison(">=", 1024))]),
        ("height:<100px", [("height", Comparison("<", 100))]),
        ("12:30 https://x.test/a", [("text", "12:30"), ("text", "https://x.test/a")]),
    ],
)
def test_text_means(text, expected):
    assert terms(text) == expected
    assert parse(text).remarks == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type:banana", "no such type"),
        ("type:", "no such type"),
        ("is:odd", "private, mine"),
        ("tag:", "needs a name"),
        ("by:", "needs a name"),
        ("in:/", "needs a name"),
        ("wide:yes", "nothing comes after"),
        ("after:tomorrow", "write a date"),
        ("after:2026-02-30", "no such day"),
        ("before:0000", "no such day"),
        ("size:big", "write a comparison"),
        ("size:>5tb", "write a comparison"),
        ("width:>5mb", "write a comparison"),
    ],
)
def test_what_is_not_understood_is_left_out_with_the_reason(text, reason):
    query = parse(f"{text} harbour")
    assert query.terms == (Term("text", "harbour"),)
    assert [remark.text for remark in query.remarks] == [text] and reason in query.remarks[0].reason


def test_an_unknown_qualifier_is_looked_for_as_text_and_said_to_be():
    query = parse("colour:red")
    assert query.terms == (Term("text", "colour:red"),)
    assert "no “colour:”" in query.remarks[0].reason


def test_too_many_words_are_left_out_and_named():
    query = parse(" ".join(f"w{number}" for number in range(23)))
    assert len(query.terms) == 20 and query.remarks[0].text == "w20 w21 w22"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-29", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("2026-3", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("2026", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 17, 23, 30, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 10, 23, 30, tzinfo=UTC)),
        ("3h", datetime(2026, 11, 24, 20, 30, tzinfo=UTC)),
        ("today", datetime(2026, 11, 24, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 23, 23, tzinfo=UTC)),
    ],
)
def test_dates_are_those_of_the_time_zone(text, moment):
    (term,) = parse(f"after:{text}").terms
    assert isinstance(term.value, When)
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the 25th, in Paris
    assert term.value.moment(now, ZoneInfo("Europe/Paris")) == moment


odd_text = st.text(alphabet=st.one_of(st.sampled_from(' "-:/<>=0189mbkdwé\0\t\n'), st.characters()), max_size=80)
pieces = st.one_of(
    odd_text,
    st.sampled_from([f"{name}:" for name in QUALIFIERS]),
    st.sampled_from([f"is:{state}" for state in STATES]),
    st.builds("{}:{}".format, st.sampled_from(sorted(QUALIFIERS)), odd_text),
)
texts = st.lists(pieces, max_size=8).map(" ".join)


@given(texts)
def test_no_text_breaks_it_and_every_part_is_a_term_or_a_remark_or_nothing_but_space(text):
    query = parse(text)
    parts = list(tokens(text))
    if len(parts) > 1 and parts[-1].text.strip() in ("-", '"', '-"'):
        parts.pop()  # still being typed
    for part in parts[:20]:
        alone = parse(part.text)
        meant = set(alone.terms) <= set(query.terms)
        assert meant and {remark.reason for remark in alone.remarks} <= {remark.reason for remark in query.remarks}
    for term in query.terms:
        if isinstance(term.value, When):
            assert term.value.moment(datetime.now(UTC), UTC) < datetime.now(UTC) + timedelta(days=100_000)
        if isinstance(term.value, str):
            assert term.value == normalise_words(term.value) and "\0" not in term.value


@given(texts)
def test_the_parts_of_a_text_are_all_of_it_but_spaces(text):
    parts = list(tokens(text))
    assert all(part.text == text[part.start : part.end] for part in parts)
    outside = [c for at, c in enumerate(text) if not any(part.start <= at < part.end for part in parts)]
    assert all(c.isspace() or c == "\0" for c in outside)


@given(texts, st.sampled_from(["image", "video", ""]))
def test_a_filter_replaces_what_it_stands_for_and_nothing_else(text, kind):
    changed = with_term(text, "type", kind)
    kept = [" ".join(part.text.split()) for part in tokens(text) if part.name != "type" or part.is_negated]
    now = [" ".join(part.text.split()) for part in tokens(changed)]
    assert [part for part in now if part != f"type:{kind}"] == [part for part in kept if part != f"type:{kind}"]
    positive = [part.value for part in tokens(changed) if part.name == "type" and not part.is_negated]
    assert positive == [kind] * bool(kind)


names = st.text(min_size=1, max_size=30).map(normalise_words).filter(bool)


@given(names.filter(lambda text: '"' not in text))
def test_a_word_or_a_quoted_phrase_is_looked_for_as_it_is_written(text):
    assert parse(f'"{text}"').terms == (Term("text", text),)


@given(names)
def test_a_name_is_found_by_what_is_written_for_it(text):
    assert parse(written("tag", text)).terms == (Term("tag", text),)
