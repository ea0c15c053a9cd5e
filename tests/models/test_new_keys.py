"""The migration that compares names and words by their language, on a library from before it."""

import unicodedata

import pytest
from django.core.management import call_command
from django.db import connection

from assets.models import Asset, Collection, Tag
from tests.support.factories import a_user, an_asset

BEFORE = "0005_outcome_labels"


def old_key(text: str) -> str:
    """Without any mark, as keys were before."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def make_old() -> None:
    for model in (Tag, Collection):
        for label in model.objects.all():
            model.objects.filter(pk=label.pk).update(key=old_key(label.full_name))
    for asset in Asset.objects.all():
        keys = {"search_text": old_key(asset.search_text), "title_key": old_key(asset.title)}
        Asset.objects.filter(pk=asset.pk).update(**keys)


def upgrade() -> None:
    call_command("migrate", "assets", BEFORE, verbosity=0)
    call_command("migrate", verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_library_from_before_finds_its_names_again(as_ana, ana):
    asset = an_asset(owner=ana, title="ポスト の写真", tags=("ポスト", "мой", "café"))
    asset.set_labels(collections=["日本/がき"], by=ana)
    other = an_asset(owner=ana, title="ホスト")
    make_old()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER assets_search_update")  # as a migration that rebuilds the table does
    upgrade()

    def find(text: str) -> list[str]:
        return [
            row["title"]
            for row in as_ana.get("/", {"q": text}, headers={"accept": "application/json"}).json()["assets"]
        ]

    assert (
        find("ポスト") == find("tag:ポスト") == find("in:日本/がき") == find("tag:cafe") == find("мой") == [asset.title]
    )
    assert find("ホスト") == [other.title]
    assert find("tag:ホスト") == find("мои") == []
    other.set_labels(tags=["ホスト"], collections=["日本/かき"], by=ana)
    assert sorted(Tag.objects.filter(assets__isnull=False).values_list("name", flat=True).distinct()) == [
        "café",
        "мой",
        "ホスト",
        "ポスト",
    ]
    assert Collection.objects.count() == 3
    assert Asset.objects.get(pk=asset.pk).title_key == "ポスト の写真"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_names_that_are_the_same_now_become_one(ana):
    ben = a_user("ben")
    keys = {"o'neil": "o'neil", "o’neil": "o’neil", "ホスト": "ホスト", "が": "か", "か": "が"}
    Tag.objects.bulk_create(Tag(name=name, key=key) for name, key in keys.items())
    straight, curly = (an_asset(owner=ana, title=title) for title in ("straight", "curly"))
    straight.tags.set(Tag.objects.filter(name__in=["o'neil", "o’neil"]))
    curly.tags.set(Tag.objects.filter(name="o’neil"))
    tops = [Collection(name=name, path=name, key=name) for name in ("o'neil", "o’neil")]
    own = Collection(name="o’neil", path="o’neil", key=f"/{ben.pk}/o’neil", private_to=ben)
    nested = [Collection(name="2024", parent=top, path=f"{top.path}/2024", key=f"{top.path}/2024") for top in tops]
    deep = Collection(name="may", parent=nested[1], path="o’neil/2024/may", key="o’neil/2024/may")
    Collection.objects.bulk_create([*tops, own])
    Collection.objects.bulk_create([*nested, deep])
    straight.collections.set([nested[0]])
    curly.collections.set([nested[1], deep])
    upgrade()
    assert sorted(Tag.objects.values_list("name", "key")) == [
        ("o'neil", "o'neil"),
        ("か", "か"),
        ("が", "が"),
        ("ホスト", "ホスト"),
    ]
    assert [[tag.name for tag in asset.tags.all()] for asset in (straight, curly)] == [["o'neil"], ["o'neil"]]
    paths = Collection.objects.filter(private_to=None).values_list("path", "key", "parent__path")
    assert list(paths) == [
        ("o'neil", "o'neil", None),
        ("o'neil/2024", "o'neil/2024", "o'neil"),
        ("o'neil/2024/may", "o'neil/2024/may", "o'neil/2024"),
    ]
    assert Collection.objects.get(private_to=ben).key == f"/{ben.pk}/o'neil"
    assert sorted(curly.collections.values_list("path", flat=True)) == ["o'neil/2024", "o'neil/2024/may"]
    assert straight.collections.get().path == "o'neil/2024"
