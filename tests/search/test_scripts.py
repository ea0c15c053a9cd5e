"""Searches and names in a dozen scripts, through forms, JSON and the index of the database."""

import pytest

from assets.models import Asset, Tag
from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
APART = [
    ("ポスト", "ホスト"), ("パパの写真", "ハハの写真"), ("ป้าแดง", "ป่าแดง"), ("क्या", "कया"), ("कि", "की"),
    ("мойка", "моика"),
    ("їжак", "іжак"), ("한국", "하국"), ("ក្មេង", "កមេង"), ("မြန်", "မန်"), ("བོད", "བད"), ("ቤት", "በት"), ("ဆိုင်", "ဆုင်"),
]  # fmt: skip
TOGETHER = [
    ("O’Neil", "o'neil"), ("O'Neil", "oʼneil"), ("2020–2024", "2020-2024"), ("Café Noël", "cafe noel"),
    ("ＡＢＣ　１２３", "abc 123"), ("Ήλιος", "ηλιος"), ("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"), ("ﾎﾟｽﾄ", "ポスト"),
    ("Việt", "viet"),
    ("soft\u00adhyphen", "softhyphen"), ("no\u00a0break", "no break"),
]  # fmt: skip


def tag(client, asset: Asset, names: str) -> list[str]:
    """The tags of an asset after an edit that replaces them."""
    page = asset.get_absolute_url()
    version = client.get(page, headers=JSON).json()["version"]
    return client.post(page, {"tags": names, "version": version}, headers=JSON).json()["tags"]


def find(client, text: str) -> list[str]:
    return [asset["title"] for asset in client.get("/", {"q": text}, headers=JSON).json()["assets"]]


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_words_of_a_language_are_two_tags_and_two_results(as_ana, ana, one, other):
    for word in (one, other):
        asset = an_asset(owner=ana, title=f"{word}.")
        assert tag(as_ana, asset, word) == [word]
    for word in (one, other):
        assert find(as_ana, f"“{word}.”") == find(as_ana, f"tag:{word}") == [f"{word}."]
        assert as_ana.get("/tags/complete/", {"q": word}).json()["names"] == [word]


@pytest.mark.parametrize(("written", "typed"), [*TOGETHER, *(pair[::-1] for pair in TOGETHER)])
def test_a_name_is_found_however_it_is_typed(as_ana, ana, written, typed):
    asset = an_asset(owner=ana, title=written, tags=(written,))
    other = an_asset(owner=ana, title="other")
    as_ana.post(other.get_absolute_url(), {"tags": typed})
    assert Tag.objects.count() == 1
    for text in (f"“{typed}”", f"tag:「{typed}」"):
        assert set(find(as_ana, text)) == {asset.title, "other"}


@pytest.mark.parametrize("tags", ["sea,sky", "sea, sky", "sea，sky", "sea、 sky、", "sea،sky", "sea､sky"])
def test_tags_are_separated_by_the_comma_of_any_keyboard(as_ana, ana, tags):
    assert tag(as_ana, an_asset(owner=ana), tags) == ["sea", "sky"]


def test_a_name_of_which_nothing_is_seen_is_none(as_ana, ana):
    assert tag(as_ana, an_asset(owner=ana, tags=("sea",)), "sea, \u200b, \u2060") == ["sea"]
    page = f"/tags/{Tag.objects.get().pk}/"
    assert as_ana.post(page, {"name": "\u200b"}, headers=JSON).status_code == 400
