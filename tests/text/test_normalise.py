"""What is compared as the same, in a dozen scripts."""

import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.text.normalise import normalise_name, normalise_words
from assets.text.shorten import shorten

NAMES_JS = Path(__file__).parents[2] / "static/js/names.js"
NODE = shutil.which("node")
# Words that a reader takes for different ones, although they differ in marks or joiners only.
DIFFERENT = [
    ("ポスト", "ホスト"), ("ハハ", "パパ"), ("がき", "かき"), ("か゚", "か"),
    ("ป้า", "ป่า"), ("ปา", "ป่า"), ("ຂ່າວ", "ຂ້າວ"), ("ក្មេង", "កមេង"), ("မြ", "မ"), ("མི", "མ"),
    ("कया", "क्या"), ("सड़क", "सडक"), ("কি", "কী"), ("ਸਿਖ", "ਸਿੱਖ"), ("கல்", "கல"),
    ("мои", "мой"), ("їжа", "іжа"), ("ў", "у"), ("ќ", "к"), ("ґрати", "грати"),
    ("അവൻ", "അവന്"), ("दर्या", "दऱ्या"), ("℅ bob", "c/o bob"),
    ("한국", "하국"), ("ᄒ", "하"), ("ղ", "ճ"), ("سال", "شال"), ("שר", "שד"),
    ("👨‍👩‍👧", "👨👩👧"), ("🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"), ("👍🏽", "👍🏿"), ("o'neil", "oneil"), ("a-b", "ab"),
]  # fmt: skip
SAME = [
    ("É", "e"), ("Việt Nam", "viet nam"), ("STRASSE", "Straße"), ("İzmir", "izmir"), ("Ångström", "angstrom"),
    ("Ὀδυσσεύς", "οδυσσευς"), ("ΤΉΣ", "της"), ("τῇ", "τη"), ("שָׁלוֹם", "שלום"), ("تَـمْـر", "تمر"), ("مُحَمَّد", "محمد"),
    ("ﾎﾟｽﾄ", "ポスト"), ("ｔａｇ　１", "tag 1"), ("ﬁn", "fin"), ("❤️", "❤"), ("se\u00ada", "sea"),
    ("\ufeffsea\u200b", "sea"), ("അവന്\u200d", "അവൻ"), ("উত্\u200dসব", "উৎসব"), ("दर्\u200dया", "दऱ्या"),
    ("น\u0e4d\u0e49า", "น้ำ"), ("เเม่", "แม่"), ("ນ\u0ecd\u0ec9າ", "ນ້ຳ"),
    ("O’Neil", "o'neil"), ("Oʼneil", "o‘neil"), ("м’ята", "м'ята"), ("צה״ל", 'צה"ל'), ("«sea»", '"sea"'),
    ("2020–2024", "2020-2024"), ("2020−2024", "2020—2024"), ("e‑mail", "e-mail"), ("תל־אביב", "תל-אביב"),
    ("a\u00a0b", "a b"), ("a\u2003b", "a  b"), ("１０〜２０", "10～20"),
]  # fmt: skip
# Different names that a search finds for each other, since people leave such marks out.
FOUND = [
    ("ёлка", "елка"), ("за́мок", "замок"), ("أحمد", "احمد"), ("إسلام", "اسلام"), ("آب", "اب"),
    ("کتاب", "كتاب"), ("علی", "علي"),
    ("Đà Nẵng", "da nang"), ("Łódź", "lodz"), ("Ærø", "ÆRO"), ("IŞIK", "ışık"), ("٢٠٢٤", "2024"), ("२०२४", "2024"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_reader_keeps_apart_stays_apart(one, other):
    assert normalise_name(one) != normalise_name(other)
    assert normalise_words(one) != normalise_words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ポスト", "ホスト"), ("मोड़", "मोड"), ("ป้า", "ปา"), ("мой", "мои"), ("한국", "하")]
)
def test_no_part_of_a_word_is_another_word(one, other):
    is_followed_by_a_mark = unicodedata.combining(normalise_words(one)[-1])
    assert is_followed_by_a_mark or normalise_words(other) not in normalise_words(one)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_reader_takes_for_the_same_is_the_same(one, other):
    assert normalise_name(one) == normalise_name(other)
    assert normalise_words(one) == normalise_words(other)


@pytest.mark.parametrize(("one", "other"), FOUND)
def test_a_search_finds_a_little_more_than_the_same_name(one, other):
    assert normalise_name(one) != normalise_name(other)
    assert normalise_words(one) == normalise_words(other)


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_browser_compares_names_in_the_same_way(tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "names.js").write_text(NAMES_JS.read_text())
    (tmp_path / "ask.js").write_text(
        'import { isSameName } from "./names.js";\n'
        f"console.log(JSON.stringify({json.dumps(DIFFERENT + SAME + FOUND)}.map((pair) => isSameName(...pair))));\n"
    )
    answer = subprocess.run([NODE, tmp_path / "ask.js"], check=True, capture_output=True, text=True).stdout
    expected = [normalise_name(one) == normalise_name(other) for one, other in DIFFERENT + SAME + FOUND]
    assert json.loads(answer) == expected


# Of every block that has letters with marks, so that a mark often follows a letter that it belongs to.
BLOCKS = (
    "Aa\u0300\u0308 Αα\u0345 Жи\u0306\u0301 א\u05b8 ا\u064e\u0654 か\u3099 क\u094d\u093c ก\u0e48 ཀ\u0f72 "
    "က\u103c ក\u17d2 하\u1100\u1161\u11a8"
)
words = st.text(st.sampled_from(BLOCKS) | st.characters(exclude_categories=["Cs"]), max_size=12)


@given(words)
def test_what_is_normalised_stays_as_it_is(text):
    for normalise in (normalise_name, normalise_words):
        assert normalise(normalise(text)) == normalise(text)


@given(words, st.sampled_from(["NFC", "NFD"]))
def test_it_does_not_matter_how_a_system_writes_a_letter(text, form):
    for normalise in (normalise_name, normalise_words):
        assert normalise(unicodedata.normalize(form, text)) == normalise(text)


@given(words, words)
def test_a_search_finds_everything_of_the_same_name(one, other):
    assert normalise_words(normalise_name(one)) == normalise_words(one)
    if normalise_name(one) == normalise_name(other):
        assert normalise_words(one) == normalise_words(other)


@pytest.mark.parametrize(
    ("text", "length", "shortened"),
    [
        ("sea", 3, "sea"),
        ("deep sea", 4, "deep"),
        ("ab👨‍👩‍👧c", 6, "ab"),
        ("ab👨‍👩‍👧c", 7, "ab👨‍👩‍👧"),
        ("e\u0301e\u0301", 3, "e\u0301"),
        ("क्षत्रिय", 4, "क्ष"),
        ("🇩🇪🇫🇷", 3, "🇩🇪"),
        ("a" + 20 * "\u0301", 5, "a" + 4 * "\u0301"),
    ],
)
def test_text_is_cut_between_characters_as_people_see_them(text, length, shortened):
    assert shorten(text, length) == shortened
