"""Importing into a library that is not empty: existing rows stay, and get what they lack."""

import hashlib
import json
from pathlib import Path

import pytest

from assets.accounts.reassignment import reassign
from assets.audit import history
from assets.audit.history import Change
from assets.audit.log import LogEntry, audit_context
from assets.catalogue import curated
from assets.models import (
    Asset,
    Collection,
    ModelLimit,
    State,
    StoredFile,
    Tag,
    User,
    Visibility,
)
from assets.transfer.schema import TABLES
from tests.support.factories import PASSWORD, a_picture, a_stored_file, a_user, an_asset, damage
from tests.transfer.archives import (
    all_rows,
    create_library,
    export,
    import_archive,
    read_file_list,
    read_original,
    rewrite_rows,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_importing_an_archive_twice_changes_nothing(archive, start_empty):
    create_library()
    export(archive, "--originals")
    start_empty()
    import_archive(archive)
    before = all_rows()
    output = import_archive(archive)
    assert all(" 0 new" in line for line in output.splitlines()[1 : len(TABLES) + 2])
    assert all_rows() == before


def test_what_was_corrected_by_hand_comes_along_and_what_is_by_hand_here_stays(archive, start_empty):
    curated.load()
    sizes = ModelLimit.objects.filter(name="max_bytes", model__slug="seedance-2.0").order_by("input__name")
    pks = list(sizes.values_list("pk", flat=True))
    ModelLimit.objects.filter(pk__in=pks).update(origin="hand", value="1")
    ModelLimit.objects.filter(model__slug="seedance-2.0", input=None).update(origin="hand", value="")
    export(archive)
    start_empty()
    curated.load()
    own = sizes.first()
    ModelLimit.objects.filter(pk=own.pk).update(origin="hand", value="2")
    import_archive(archive)
    assert [limit.value for limit in sizes] == ["2", "1", "1"]
    assert ModelLimit.objects.get(model__slug="seedance-2.0", input=None).parse() is None
    assert ModelLimit.objects.filter(origin="hand").count() == len(pks) + 1


def test_names_of_earlier_archives_that_are_the_same_now_become_one(archive, start_empty, ana):
    """Quotes were compared as they were written."""
    tags = [Tag(name=name, key=f"old {name}") for name in ("o'neil", "o’neil")]
    Tag.objects.bulk_create(tags)
    collections = [Collection(name=name, path=name, key=f"old {name}") for name in ("o'neil", "o’neil")]
    Collection.objects.bulk_create(collections)
    for number in range(2):
        asset = an_asset(owner=ana, title=str(number))
        asset.tags.set(tags[number:])
        asset.collections.set(collections[number:])
    export(archive)
    start_empty()
    import_archive(archive)
    assert [tag.assets.count() for tag in Tag.objects.all()] == [2]
    assert [collection.assets.count() for collection in Collection.objects.all()] == [2]


def test_media_types_of_earlier_archives_get_their_registered_names(archive, start_empty):
    an_asset(stored_file=a_stored_file(media_type="video/mp2t"))
    export(archive)
    rewrite_rows(archive, "stored_files", lambda row: row | {"media_type": "video/MP2T"})
    start_empty()
    import_archive(archive)
    assert StoredFile.objects.get().media_type == "video/mp2t"


def test_a_damaged_original_is_replaced_by_that_of_the_archive_and_sent(archive, as_ana, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    export(archive, "--originals")
    damage(StoredFile.objects.get())
    work()
    assert StoredFile.objects.get().state == State.FAILED
    import_archive(archive)
    work()
    assert segmind.contents == [hashlib.sha256(content).hexdigest()]


def test_existing_rows_stay_and_get_what_they_lack(archive, start_empty, move_to):
    content = a_picture()
    there = an_asset(owner=a_user("ana", first_name="There"), content=content, title="There", tags=("Été", "x"))
    url = there.stored_file.url
    StoredFile.objects.update(width=64)
    export(archive, "--originals")
    start_empty()
    ana = a_user("ana", first_name="Here")
    tag = Tag.objects.create(name="ETE")
    here = an_asset(owner=ana, content=content, state=State.QUEUED, title="Here", tags=("y",))
    StoredFile.objects.update(original="")
    import_archive(archive)
    asset = Asset.objects.get()
    assert (asset.pk, asset.title, asset.owner) == (here.pk, "Here", ana)
    assert sorted(tag.name for tag in asset.tags.all()) == ["ETE", "x", "y"]
    assert tag in asset.tags.all()
    assert asset.search_text.endswith("ete\nx\ny")
    file = asset.stored_file
    assert (file.state, file.url, file.width) == (State.STORED, url, 64)
    assert read_original(file) == content
    ana.refresh_from_db()
    assert ana.first_name == "Here"
    assert ana.check_password(PASSWORD)


def test_tags_of_a_private_asset_are_not_added_to_a_team_asset(archive, start_empty):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("secret",), visibility=Visibility.PRIVATE)
    export(archive)
    start_empty()
    an_asset(owner=a_user("ana"), content=content, tags=("open",))
    import_archive(archive)
    asset = Asset.objects.get()
    assert asset.visibility == Visibility.TEAM
    assert [tag.name for tag in asset.tags.all()] == ["open"]


def test_the_history_of_a_new_asset_is_imported(archive, start_empty):
    ana = a_user("ana")
    asset = an_asset(owner=ana, title="Before")
    with audit_context(user=ana, client_ip="192.0.2.7"):
        asset.title = "After"
        asset.save()
    before = history.for_asset(asset, user=ana)
    export(archive)
    start_empty()
    import_archive(archive)
    asset = Asset.objects.get()
    assert history.for_asset(asset, user=asset.owner) == before
    assert before[0].changes == (Change("title", "Before", "After"),)
    assert LogEntry.objects.latest().remote_addr == "192.0.2.7"


def shared_with_a_private_past(ana: User, ben: User) -> None:
    """An asset that was ana's, private and called Secret, and is now ben's and the team's."""
    asset = an_asset(owner=ana, title="Secret", file_name="1.png", visibility=Visibility.PRIVATE)
    asset.title = "Open"
    asset.save()
    reassign(ana, ben, with_private=True)
    asset.refresh_from_db()
    asset.visibility = Visibility.TEAM
    asset.save()


def test_private_history_is_imported_for_the_person_whose_it_was(archive, start_empty):
    ana, ben = a_user("ana"), a_user("ben")
    shared_with_a_private_past(ana, ben)
    ana.username = "anna"
    ana.save()
    a_user("ana")
    export(archive)
    start_empty()
    people = {name: a_user(name) for name in ("ana", "carla", "ben", "anna")}  # ids that others had
    import_archive(archive)
    events = {name: history.for_asset(Asset.objects.get(), user=person) for name, person in people.items()}
    assert [name for name, seen in events.items() if "Secret" in str(seen)] == ["anna"]


def test_ids_of_accounts_in_an_archive_mean_nothing_here(archive, start_empty):
    ana, ben = a_user("ana"), a_user("ben")
    shared_with_a_private_past(ana, ben)
    export(archive)
    start_empty()
    carla = a_user("carla")
    rewrite_rows(archive, "history", lambda row: row | {"additional_data": {"owner_ids": [carla.pk, carla.pk]}})
    import_archive(archive)
    assert "Secret" not in str(history.for_asset(Asset.objects.get(), user=carla))


def test_people_with_one_username_and_two_email_addresses_are_pointed_out(archive, start_empty):
    for name in ("ana", "ben", "carla"):
        a_user(name, email=f"{name}@example.com")
    export(archive)
    start_empty()
    a_user("ana", email="ana@elsewhere.example")
    a_user("ben", email="Ben@example.com")
    a_user("carla")
    output = import_archive(archive, "--dry-run")
    assert "ana: the e-mail address here is not that of the archive" in output
    assert not any(f"{name}: the e-mail" in output for name in ("ben", "carla"))


def test_the_history_of_a_private_asset_is_not_added_to_a_team_asset(archive, start_empty):
    content = a_picture()
    asset = an_asset(owner=a_user("ana"), content=content, title="Secret", visibility=Visibility.PRIVATE)
    asset.title = "Hidden"
    asset.save()
    export(archive)
    start_empty()
    an_asset(owner=a_user("ana"), content=content, title="Open")
    for _ in range(2):
        import_archive(archive)
    records = json.dumps(list(LogEntry.objects.values_list("object_repr", "changes")))
    assert "Open" in records
    assert "Secret" not in records
    assert "Hidden" not in records


def test_added_tags_are_recorded_once(archive, start_empty):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("x",))
    export(archive)
    start_empty()
    here = an_asset(owner=a_user("ana"), content=content)
    for _ in range(2):
        import_archive(archive)
    events = history.for_asset(here, user=here.owner)
    assert [(event.actor, change.after) for event in events if (change := event.get_change("tags"))] == [
        ("import_library", "x")
    ]


def test_an_asset_whose_id_is_taken_gets_a_new_id(archive, start_empty):
    there = an_asset(owner=a_user("ana"), title="There")
    export(archive)
    start_empty()
    here = an_asset(owner=a_user("ben"), title="Here", id=there.pk)
    import_archive(archive)
    assert Asset.objects.get(pk=there.pk).title == here.title
    assert Asset.objects.get(title="There").pk != there.pk


def test_a_failed_file_gets_its_url_from_the_archive(archive, start_empty, segmind, work):
    content = a_picture()
    url = a_stored_file(content=content).url
    export(archive)
    start_empty()
    a_stored_file(content=content, state=State.FAILED)
    import_archive(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url, file.error) == (State.STORED, url, "")
    assert segmind.received == []


def test_a_different_url_of_the_same_file_becomes_a_past_url_once(archive, start_empty):
    content = a_picture()
    there = a_stored_file(content=content).url
    export(archive)
    start_empty()
    here = a_stored_file(content=content).url
    for _ in range(2):
        import_archive(archive)
    file = StoredFile.objects.get()
    assert file.url == here
    assert [past.url for past in file.past_urls.all()] == [there]


def test_a_dry_run_prints_the_same_and_changes_nothing(archive, start_empty, settings):
    create_library()
    an_asset(state=State.QUEUED)
    export(archive, "--originals")
    start_empty()
    dry_run_output = import_archive(archive, "--dry-run")
    assert not any(all_rows())
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    output = import_archive(archive)
    assert f"files: {len(read_file_list(archive))} new, 0 already here" in output
    assert dry_run_output == output + "Nothing was changed.\n"
