"""Tags and collections: finding, renaming, moving, merging and deleting them, and who may do so."""

import pytest
from django.utils import timezone

from assets.labels import edit
from assets.labels.pages import PAGE_SIZE
from assets.models import Asset, Collection, Tag, Visibility
from tests.conftest import client_of
from tests.support.factories import a_user, an_administrator, an_asset, many_assets

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def found(client, query: str) -> set[str]:
    return {asset["title"] for asset in client.get("/", {"q": query}, headers=JSON).json()["assets"]}


def rows(client, url: str, **fields) -> list[tuple[str, str]]:
    answer = client.get(url, fields, headers=JSON).json()
    return [(row["name"], row["entries"]) for row in answer["labels"]]


def names(client, url: str, **fields) -> list[str]:
    return [name for name, _ in rows(client, url, **fields)]


def a_collected_asset(path: str, **fields) -> Asset:
    asset = an_asset(**fields)
    asset.set_labels(collections=[path])
    return asset


def count_found(word: str) -> int:
    return Asset.objects.filter(search_text__contains=word).count()


def page(label) -> str:
    return f"/{label._meta.model_name}s/{label.pk}/"


class TestTags:
    def test_the_list_counts_the_assets_of_each_tag(self, as_ana, ana, ben):
        for number in range(4):
            an_asset(owner=ben, tags=("sea", f"t{number}"))
        an_asset(owner=ana, tags=("sea",), trashed_at=timezone.now())
        assert rows(as_ana, "/tags/", q="SEA") == [("sea", "4")]
        many_assets(1000, owner=ben, tag="sea")
        assert rows(as_ana, "/tags/", q="sea") == [("sea", "1,000+")]

    def test_tags_of_private_assets_are_hidden_from_others(self, as_ana, as_ben, ana, ben):
        an_asset(owner=ben, tags=("hush", "sea"), visibility=Visibility.PRIVATE)
        an_asset(owner=ana, tags=("sea",))
        assert rows(as_ana, "/tags/") == [("sea", "1")]
        assert rows(as_ben, "/tags/") == [("hush", "1"), ("sea", "2")]
        hush = Tag.objects.get(name="hush")
        assert as_ana.get(page(hush)).status_code == 404
        assert as_ana.post(page(hush), {"name": "loud"}).status_code == 404

    def test_pages_are_ordered_by_name(self, as_ana, ana):
        expected = sorted(f"tag {number:03}" for number in range(PAGE_SIZE * 2 + 5))
        an_asset(owner=ana, tags=tuple(expected))
        seen, url = [], "/tags/"
        while url:
            answer = as_ana.get(url, headers=JSON).json()
            seen += [row["name"] for row in answer["labels"]]
            url = answer["next"]
        assert seen == expected
        assert 'href="?q=&amp;after=' in as_ana.get("/tags/").content.decode()

    @pytest.mark.parametrize("count", [1, 50])
    def test_the_list_takes_the_same_few_queries_for_many(self, as_ana, ana, count, django_assert_max_num_queries):
        an_asset(owner=ana, tags=tuple(f"t{number}" for number in range(count)))
        with django_assert_max_num_queries(8):
            as_ana.get("/tags/")

    def test_a_renamed_tag_is_found_by_its_new_name_only(self, as_ana, ana):
        an_asset(owner=ana, title="x", tags=("see",))
        tag = Tag.objects.get()
        response = as_ana.post(page(tag), {"name": "Ocean"}, follow=True)
        assert "renamed to “Ocean”" in response.content.decode()
        assert found(as_ana, "ocean") == found(as_ana, "tag:ocean") == {"x"}
        assert found(as_ana, "see") == set()

    def test_a_new_spelling_of_a_name_keeps_the_tag(self, as_ana, ana):
        an_asset(owner=ana, tags=("cafe",))
        as_ana.post(page(Tag.objects.get()), {"name": "Café"})
        assert [tag.name for tag in Tag.objects.all()] == ["Café"]

    def test_a_taken_name_offers_a_merge_and_says_what_changes(self, as_ana, ana, ben):
        an_asset(owner=ana, title="one", tags=("see",))
        an_asset(owner=ana, title="both", tags=("see", "sea"))
        an_asset(owner=ben, title="his", tags=("sea",))
        see, sea = Tag.objects.get(name="see"), Tag.objects.get(name="sea")
        asked = as_ana.post(page(see), {"name": "Sea"}).content.decode()
        assert "Merge “see” into “sea”?" in asked
        assert "2 assets" in asked
        assert Tag.objects.count() == 2
        response = as_ana.post(page(see), {"name": "Sea", "confirmed": "1"})
        assert response["location"] == sea.get_absolute_url()
        assert found(as_ana, "tag:sea") == {"one", "both", "his"}
        assert not Tag.objects.filter(name="see").exists()
        assert found(as_ana, "see") == set()

    def test_deleting_a_tag_keeps_its_assets(self, as_ana, ana):
        an_asset(owner=ana, title="x", tags=("sea",))
        tag = Tag.objects.get()
        asked = as_ana.post(page(tag), {"action": "delete"}).content.decode()
        assert "removed from 1 asset." in asked
        assert Tag.objects.exists()
        as_ana.post(page(tag), {"action": "delete", "confirmed": "1"})
        assert not Tag.objects.exists()
        assert found(as_ana, "x") == {"x"}
        assert found(as_ana, "sea") == set()

    def test_only_managers_may_change_a_tag_of_other_peoples_assets(self, as_ana, ana, ben):
        an_asset(owner=ana, tags=("sea",))
        an_asset(owner=ben, tags=("sea",), visibility=Visibility.PRIVATE)
        tag = Tag.objects.get()
        assert "only a manager" in as_ana.get(page(tag), follow=True).content.decode()
        for fields in ({"name": "x"}, {"action": "delete", "confirmed": "1"}, {"name": "y", "confirmed": "1"}):
            assert as_ana.post(page(tag), fields).status_code == 403
        tag.refresh_from_db()
        assert tag.name == "sea"
        client_of(an_administrator()).post(page(tag), {"name": "x"})
        tag.refresh_from_db()
        assert tag.name == "x"

    @pytest.mark.parametrize(
        ("name", "words"), [("", "required"), (" ", "required"), ("a, b", "at most 1"), ("x" * 61, "Use at most 60")]
    )
    def test_an_invalid_name_is_refused_with_the_reason(self, as_ana, ana, name, words):
        an_asset(owner=ana, tags=("sea",))
        response = as_ana.post(page(Tag.objects.get()), {"name": name})
        assert response.status_code == 400
        assert words in response.content.decode()


class TestCollections:
    def test_each_page_lists_one_level(self, as_ana, ana):
        a_collected_asset("Trips/2024/May", owner=ana)
        a_collected_asset("Trips/2025", owner=ana)
        a_collected_asset("Art", owner=ana)
        assert rows(as_ana, "/collections/") == [("Art", "1"), ("Trips", "2")]
        trips = Collection.objects.get(path="Trips")
        assert names(as_ana, "/collections/", within=trips.pk) == ["Trips/2024", "Trips/2025"]
        assert names(as_ana, "/collections/", q="2024") == ["Trips/2024", "Trips/2024/May"]
        may = Collection.objects.get(path="Trips/2024/May")
        assert f'href="{trips.get_absolute_url()}"' in as_ana.get(page(may), follow=True).content.decode()

    def test_collections_of_private_assets_are_hidden_from_others(self, as_ana, as_ben, ben):
        a_collected_asset("Plans/Secret", owner=ben, visibility=Visibility.PRIVATE)
        a_collected_asset("Plans/Open", owner=ben)
        plans, secret = Collection.objects.get(path="Plans"), Collection.objects.get(path="Plans/Secret")
        assert names(as_ana, "/collections/", within=plans.pk) == ["Plans/Open"]
        assert names(as_ana, "/collections/", q="secret") == []
        assert names(as_ben, "/collections/", within=plans.pk) == ["Plans/Open", "Plans/Secret"]
        assert as_ana.get(page(secret)).status_code == 404

    def test_only_its_creator_sees_an_empty_collection(self, as_ana, as_ben, ben):
        as_ana.post("/collections/", {"name": "Trips/2024"})
        assert names(as_ana, "/collections/") == ["Trips"]
        assert names(as_ben, "/collections/") == []
        a_collected_asset("trips/2024", owner=ben)
        assert names(as_ben, "/collections/") == ["Trips"]

    @pytest.mark.parametrize(("name", "words"), [("", "required"), ("a/" * 12, "at most 8")])
    def test_an_invalid_path_is_refused_with_the_reason(self, as_ana, name, words):
        assert words in as_ana.post("/collections/", {"name": name}, follow=True).content.decode()
        assert not Collection.objects.exists()

    def test_nested_collections_move_with_the_one_above(self, as_ana, ana):
        a_collected_asset("Trips/2024/May", owner=ana, title="may")
        a_collected_asset("Trips/2024", owner=ana, title="year")
        as_ana.post(page(Collection.objects.get(path="Trips/2024")), {"name": "Archive/Old trips"})
        assert set(Collection.objects.values_list("path", flat=True)) == {
            "Trips", "Archive", "Archive/Old trips", "Archive/Old trips/May",
        }  # fmt: skip
        assert found(as_ana, "in:archive") == found(as_ana, '"old trips"') == {"may", "year"}
        assert found(as_ana, "2024") == set()
        assert Collection.objects.get(path="Archive/Old trips/May").parent.path == "Archive/Old trips"

    @pytest.mark.parametrize(
        ("name", "words"), [("Trips/2024/Trips", "can’t be moved into itself"), ("1/2/3/4/5/6/7", "9 levels")]
    )
    def test_an_impossible_move_is_refused_with_the_reason(self, as_ana, ana, name, words):
        a_collected_asset("Trips/2024/May", owner=ana)
        response = as_ana.post(page(Collection.objects.get(path="Trips")), {"name": name})
        assert response.status_code == 400
        assert words in response.content.decode()
        assert set(Collection.objects.values_list("path", flat=True)) == {"Trips", "Trips/2024", "Trips/2024/May"}

    def test_merging_merges_nested_collections_too(self, as_ana, ana):
        a_collected_asset("Trips/2024/May", owner=ana, title="a")
        a_collected_asset("Trips/2025", owner=ana, title="b")
        a_collected_asset("Travel/2024", owner=ana, title="c")
        trips = Collection.objects.get(path="Trips")
        asked = as_ana.post(page(trips), {"name": "travel"}).content.decode()
        assert "Merge “Trips” into “Travel”?" in asked
        assert "Trips/2024/May" in asked
        as_ana.post(page(trips), {"name": "travel", "confirmed": "1"})
        assert set(Collection.objects.values_list("path", flat=True)) == {
            "Travel", "Travel/2024", "Travel/2024/May", "Travel/2025",
        }  # fmt: skip
        assert found(as_ana, "in:travel/2024") == {"a", "c"}
        assert found(as_ana, "trips") == set()

    def test_a_collection_cannot_be_merged_into_a_nested_one(self, as_ana, ana):
        a_collected_asset("Trips/2024", owner=ana)
        response = as_ana.post(page(Collection.objects.get(path="Trips")), {"name": "trips/2024", "confirmed": "1"})
        assert response.status_code == 400
        assert "into itself" in response.content.decode()
        assert Collection.objects.count() == 2

    def test_a_collection_can_be_merged_into_the_one_above(self, as_ana, ana):
        a_collected_asset("Trips/2024", owner=ana, title="a")
        as_ana.post(page(Collection.objects.get(path="Trips/2024")), {"name": "trips", "confirmed": "1"})
        assert [one.path for one in Collection.objects.all()] == ["Trips"]
        assert found(as_ana, "in:trips") == {"a"}
        assert found(as_ana, "2024") == set()

    def test_deleting_a_collection_names_nested_ones_and_keeps_the_assets(self, as_ana, ana):
        a_collected_asset("Trips/2024", owner=ana, title="a")
        trips = Collection.objects.get(path="Trips")
        asked = as_ana.post(page(trips), {"action": "delete"}).content.decode()
        assert "Trips/2024" in asked
        assert "removed from 1 asset." in asked
        assert "No asset is deleted" in asked
        as_ana.post(page(trips), {"action": "delete", "confirmed": "1"})
        assert not Collection.objects.exists()
        assert found(as_ana, "a") == {"a"}
        assert found(as_ana, "trips") == set()

    def test_only_managers_may_change_a_collection_with_other_peoples_assets(self, as_ana, ana, ben):
        a_collected_asset("Trips", owner=ana)
        a_collected_asset("Trips/2024", owner=ben)
        assert as_ana.post(page(Collection.objects.get(path="Trips")), {"name": "x"}).status_code == 403


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestManyAssets:
    """The worker changes what concerns many assets."""

    @pytest.fixture
    def assets(self, ana):
        return many_assets(1005, owner=ana, tag="see", collection="Trips/2024")

    def test_a_rename_reaches_all_assets(self, as_ana, assets, work):
        as_ana.post(page(Tag.objects.get()), {"name": "ocean"})
        work()
        assert count_found("ocean") == 1005
        assert found(as_ana, "see") == set()

    def test_a_merge_moves_all_assets(self, as_ana, ana, assets, work):
        an_asset(owner=ana, title="sea", tags=("sea",))
        as_ana.post(page(Tag.objects.get(name="see")), {"name": "sea", "confirmed": "1"})
        work()
        assert Asset.objects.filter(tags__name="sea").count() == 1006
        assert found(as_ana, "see") == set()
        assert Tag.objects.count() == 1

    def test_a_deleted_tag_is_removed_from_all_assets(self, as_ana, assets, work):
        as_ana.post(page(Tag.objects.get()), {"action": "delete", "confirmed": "1"})
        work()
        assert found(as_ana, "see") == set()
        assert not Tag.objects.exists()

    def test_nested_collections_are_merged_and_deleted_with_the_one_above(self, as_ana, ana, assets, work):
        a_collected_asset("Travel/2024", owner=ana)
        as_ana.post(page(Collection.objects.get(path="Trips")), {"name": "Travel", "confirmed": "1"})
        work()
        assert set(Collection.objects.values_list("path", flat=True)) == {"Travel", "Travel/2024"}
        assert count_found("travel/2024") == 1006
        assert found(as_ana, "trips") == set()
        as_ana.post(page(Collection.objects.get(path="Travel")), {"action": "delete", "confirmed": "1"})
        work()
        assert not Collection.objects.exists()
        assert found(as_ana, "travel") == set()

    def test_assets_are_found_by_the_new_name_of_their_owner(self, as_ana, ana, assets, work):
        ana.last_name = "Sommer"
        ana.save()
        work()
        assert count_found("sommer") == 1005
        assert found(as_ana, "müller") == set()

    def test_signing_in_does_not_reindex_a_persons_assets(self, ana, django_assert_num_queries):
        with django_assert_num_queries(2):  # the history looks whether that is a change
            ana.save(update_fields=["last_login"])


def test_labels_can_be_edited_without_a_request(ana):
    an_asset(owner=ana, tags=("see",))
    edit.rename(Tag.objects.get(), "sea")
    assert Tag.objects.get().name == "sea"
    assert a_user("new").pk
