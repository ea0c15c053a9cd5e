"""The language of the search box, without a database: what text means, and that no text breaks the parser."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.search.query_parser import (
    MAX_TERMS,
    QUALIFIERS,
    STATES,
    Comparison,
    Term,
    TimePoint,
    parse,
)
from assets.search.tokens import LISTS, format_term, replace_term, tokenize
from assets.text.normalise import normalise_name, normalise_words


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
        ("in:/2024", [("in", "/2024")]),
        ('in:" / Trips / 2024/"', [("in", "/trips/2024")]),
        ("in:~/2024", [("in", "~/2024")]),
        ("in:~x/2024", [("in", "~x/2024")]),
        ("by:me", [("by", "me")]),
        ("by:@Ana", [("by", "@ana")]),
        ("tag:@", [("tag", "@")]),
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
        ("tag:Sea,night", [("any", (Term("tag", "sea"), Term("tag", "night")))]),
        ('-tag:"New York",sea，"a, b"', [("any", tuple(Term("tag", n) for n in ("new york", "sea", "a, b")), "not")]),
        ("tag:sea,,Sea, sky", [("tag", "sea"), ("text", "sky")]),
        ("type:png,video", [("any", (Term("media_type", ("image/png",)), Term("kind", "video")))]),
        ('in:/"deep sea",~/"x y"', [("any", (Term("in", "/deep sea"), Term("in", "~/x y")))]),
        ("sea,night", [("text", "sea,night")]),
        ("sky tag:", [("text", "sky")]),
        ("12:30 https://x.test/a", [("text", "12:30"), ("text", "https://x.test/a")]),
    ],
)
def test_text_is_parsed_into_terms(text, expected):
    assert terms(text) == expected
    assert parse(text).problems == ()


AT_DAWN = [("text", "at dawn")]
NOT_AT_DAWN = [("text", "at dawn", "not")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“at dawn”", AT_DAWN),
        ("„at dawn“", AT_DAWN),
        ("”at dawn”", AT_DAWN),
        ("“at dawn", AT_DAWN),
        ('“at dawn"', AT_DAWN),
        ("«at dawn»", AT_DAWN),
        ("«\u00a0at dawn\u202f»", AT_DAWN),
        ("»at dawn«", AT_DAWN),
        ("「at dawn」", AT_DAWN),
        ("『at dawn』", AT_DAWN),
        ("＂ａｔ\u3000ｄａｗｎ＂", AT_DAWN),
        ("–“at dawn”", NOT_AT_DAWN),
        ("—at", [("text", "at", "not")]),
        ("−tag:draft", [("tag", "draft", "not")]),
        ("－ｔａｇ：ｄｒａｆｔ", [("tag", "draft", "not")]),
        ("tag:”New York”", [("tag", "new york")]),
        ("tag：「New York」", [("tag", "new york")]),
        ("tag\u00a0:\u00a0sea", [("tag", "sea")]),
        ("\u200ftag:\u200f“at dawn”", [("tag", "at dawn")]),
        ("\ufeff-night", [("text", "night", "not")]),
        ("ｓｅａ\u3000ｓｋｙ", [("text", "sea"), ("text", "sky")]),
        ("ｓｉｚｅ：＞５ｍｂ", [("size", Comparison(">", 5_000_000))]),
        ("ｉｎ：／Trips／２０２４", [("in", "/trips/2024")]),
        ('in:/“2024” -in:~/"deep sea" by:@‘ana’', [("in", "/2024"), ("in", "~/deep sea", "not"), ("by", "@ana")]),
        ("‘it’s deep’ -tag:‹at dawn› ‚sea‘", [("text", "it's deep"), ("tag", "at dawn", "not"), ("text", "sea")]),
        ("rock ’n’ roll ‘tis", [("text", "rock"), ("text", "'n'"), ("text", "roll"), ("text", "'tis")]),
        ('"at dawn” sea', [("text", "at dawn"), ("text", "sea")]),
        ("sea -- sky", [("text", "sea"), ("text", "-"), ("text", "sky")]),
        ("标题：海", [("text", "标题:海")]),
        ("Titre\u00a0: mer", [("text", "titre :"), ("text", "mer")]),
        ("o’neil O'Neil oʼneil", [("text", "o'neil")]),
        ("deep–sea deep—sea deep‑sea deep--sea", [("text", "deep-sea")]),
        ("se\u00ada s\u200bea", [("text", "sea")]),
        ("harbour – dawn", [("text", "harbour"), ("text", "-"), ("text", "dawn")]),
        ("vase “", [("text", "vase")]),
        ("vase –«", [("text", "vase")]),
        ("夏の「海」", [("text", "夏の「海」")]),
        ("5″ wide", [("text", '5"'), ("text", "wide")]),
    ],
)
def test_signs_count_in_every_form_that_keyboards_write(text, expected):
    query = parse(text)
    assert [(term.name, term.value, *["not"] * term.is_negated) for term in query.terms] == expected
    assert query.problems == ()


@pytest.mark.parametrize(
    "name", ["“sea”", "«sea»", "「海」", "Café «Mer»", "say “hi” to", '5"', "–", "a：b", "-x", "/x", "~/y z"]
)
def test_the_link_of_any_name_finds_that_name(name):
    assert parse(format_term("tag", name)).terms == (Term("tag", normalise_name(name)),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type:banana", "Unknown type"),
        ("type:", "Unknown type"),
        ("is:odd", "private, mine"),
        ("tag:", "Add a name"),
        ("by:", "Add a name"),
        ("in:/", "Add a name"),
        ("is:trashed,failed", "by itself"),
        ("type:png,banana", "Unknown type"),
        ("in:~/", "Add a name"),
        ("by:@", "Add a name"),
        ("wide:yes", "without a value"),
        ("after:tomorrow", "Write a date"),
        ("after:2026-02-30", "does not exist"),
        ("before:0000", "does not exist"),
        ("size:big", "Write a comparison"),
        ("size:>5tb", "Write a comparison"),
        ("width:>5mb", "Write a comparison"),
    ],
)
def test_a_term_that_is_not_understood_is_left_out_with_the_reason(text, reason):
    query = parse(f"{text} harbour")
    assert query.terms == (Term("text", "harbour"),)
    (problem,) = query.problems
    assert problem.text == text
    assert reason in problem.reason


def test_an_unknown_qualifier_is_searched_as_text_and_reported():
    query = parse("colour:red")
    assert query.terms == (Term("text", "colour:red"),)
    assert "“colour:” is not a filter" in query.problems[0].reason


def test_words_over_the_limit_are_left_out_and_reported():
    query = parse(" ".join(f"w{number}" for number in range(23)))
    assert len(query.terms) == MAX_TERMS
    assert query.problems[0].text == "w20 w21 w22"
    assert "20 words and filters; this one has 23" in query.problems[0].reason


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
def test_dates_start_at_midnight_in_the_time_zone(text, moment):
    (term,) = parse(f"after:{text}").terms
    assert isinstance(term.value, TimePoint)
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the 25th, in Paris
    assert term.value.resolve(now, ZoneInfo("Europe/Paris")) == moment


odd_text = st.text(alphabet=st.one_of(st.sampled_from(' "-:/<>=0189mbkdwé\0\t\n'), st.characters()), max_size=80)
pieces = st.one_of(
    odd_text,
    st.sampled_from([f"{name}:" for name in QUALIFIERS]),
    st.sampled_from([f"is:{state}" for state in STATES]),
    st.builds("{}:{}".format, st.sampled_from(sorted(QUALIFIERS)), odd_text),
)
texts = st.lists(pieces, max_size=8).map(" ".join)


@given(texts)
def test_no_text_breaks_the_parser_and_every_part_is_a_term_a_problem_or_blank(text):
    query = parse(text)
    parts = list(tokenize(text))
    last = parts[-1] if len(parts) > 1 else None
    if last and (last.text.strip() in ("-", '"', '-"') or (last.name in LISTS and not last.value)):
        parts.pop()  # still being typed
    for part in parts[:MAX_TERMS]:
        alone = parse(part.text)
        assert set(alone.terms) <= set(query.terms)
        assert {problem.reason for problem in alone.problems} <= {problem.reason for problem in query.problems}
    for term in query.terms:
        if isinstance(term.value, TimePoint):
            assert term.value.resolve(datetime.now(UTC), UTC) < datetime.now(UTC) + timedelta(days=100_000)
        if isinstance(term.value, str):
            assert term.value in (normalise_words(term.value), normalise_name(term.value))
            assert "\0" not in term.value


@given(texts)
def test_the_tokens_of_a_text_are_all_of_it_but_spaces(text):
    parts = list(tokenize(text))
    assert all(part.text == text[part.start : part.end] for part in parts)
    outside = [c for at, c in enumerate(text) if not any(part.start <= at < part.end for part in parts)]
    assert all(c.isspace() or c == "\0" for c in outside)


@given(texts, st.sampled_from(["image", "video", ""]))
def test_replacing_a_term_changes_nothing_else(text, kind):
    term = format_term("type", kind) if kind else ""
    changed = replace_term(text, term, is_replaced=lambda token: token.name == "type")
    kept = [" ".join(part.text.split()) for part in tokenize(text) if part.name != "type" or part.is_negated]
    now = [" ".join(part.text.split()) for part in tokenize(changed)]
    assert [part for part in now if part != f"type:{kind}"] == [part for part in kept if part != f"type:{kind}"]
    assert not term or term in changed
    positive = [part.value for part in tokenize(changed) if part.name == "type" and not part.is_negated]
    assert positive == [kind] * bool(kind)


names = st.text(min_size=1, max_size=30).map(normalise_words).filter(bool)


@given(names.filter(lambda text: '"' not in text))
def test_a_quoted_phrase_is_searched_as_written(text):
    assert parse(f'"{text}"').terms == (Term("text", text),)


@given(names)
@example("/")
@example("@")
def test_a_formatted_term_is_parsed_back(text):
    assert parse(format_term("tag", text)).terms == (Term("tag", text),)
