"""An archive brought into a living library: what is here stays, and gets what it lacks."""

import json
from pathlib import Path

import pytest

from assets.audit import log
from assets.audit.log import Change, LogEntry, audit_context
from assets.models import (
    Asset,
    State,
    StoredFile,
    Tag,
    Visibility,
)
from assets.transfer.schema import TABLES
from tests.support.factories import PASSWORD, a_picture, a_stored_file, a_user, an_asset
from tests.transfer.archives import a_library, bring_in, bytes_of, everything, export, files_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_to_bring_in_an_archive_twice_changes_nothing(archive, begin_anew):
    a_library()
    export(archive, "--originals")
    begin_anew()
    bring_in(archive)
    before = everything()
    said = bring_in(archive)
    assert all(" 0 new" in line for line in said.splitlines()[1 : len(TABLES) + 2])
    assert everything() == before


def test_what_is_here_stays_and_gets_what_it_lacks(archive, begin_anew, move_to):
    content = a_picture()
    there = an_asset(owner=a_user("ana", first_name="There"), content=content, title="There", tags=("Été", "x"))
    url = there.stored_file.url
    StoredFile.objects.update(width=64)
    export(archive, "--originals")
    begin_anew()
    ana = a_user("ana", first_name="Here")
    tag = Tag.objects.create(name="ETE")
    here = an_asset(owner=ana, content=content, state=State.QUEUED, title="Here", tags=("y",))
    StoredFile.objects.update(original="")
    bring_in(archive)
    entry = Asset.objects.get()
    assert (entry.pk, entry.title, entry.owner) == (here.pk, "Here", ana)
    assert sorted(tag.name for tag in entry.tags.all()) == ["ETE", "x", "y"] and tag in entry.tags.all()
    assert entry.search_text.endswith("ete\nx\ny")
    file = entry.stored_file
    assert (file.state, file.url, file.width) == (State.STORED, url, 64)
    assert bytes_of(file) == content
    ana.refresh_from_db()
    assert ana.first_name == "Here" and ana.check_password(PASSWORD)


def test_tags_of_a_private_entry_do_not_come_to_light_on_one_of_the_team(archive, begin_anew):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("secret",), visibility=Visibility.PRIVATE)
    export(archive)
    begin_anew()
    an_asset(owner=a_user("ana"), content=content, tags=("open",))
    bring_in(archive)
    entry = Asset.objects.get()
    assert entry.visibility == Visibility.TEAM and [tag.name for tag in entry.tags.all()] == ["open"]


def test_what_happened_to_an_entry_comes_along(archive, begin_anew):
    ana = a_user("ana")
    entry = an_asset(owner=ana, title="Before")
    with audit_context(user=ana, address="192.0.2.7"):
        entry.title = "After"
        entry.save()
    before = log.of(entry, user=ana)
    export(archive)
    begin_anew()
    bring_in(archive)
    entry = Asset.objects.get()
    assert log.of(entry, user=entry.owner) == before
    assert before[0].changes == (Change("title", "Before", "After"),)
    assert LogEntry.objects.latest().remote_addr == "192.0.2.7"


def test_what_was_said_of_a_private_entry_does_not_come_to_light_on_one_of_the_team(archive, begin_anew):
    content = a_picture()
    entry = an_asset(owner=a_user("ana"), content=content, title="Secret", visibility=Visibility.PRIVATE)
    entry.title = "Hidden"
    entry.save()
    export(archive)
    begin_anew()
    an_asset(owner=a_user("ana"), content=content, title="Open")
    for _ in range(2):
        bring_in(archive)
    records = json.dumps(list(LogEntry.objects.values_list("object_repr", "changes")))
    assert "Open" in records and "Secret" not in records and "Hidden" not in records


def test_tags_that_an_entry_gets_are_recorded_once(archive, begin_anew):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("x",))
    export(archive)
    begin_anew()
    here = an_asset(owner=a_user("ana"), content=content)
    for _ in range(2):
        bring_in(archive)
    acts = log.of(here, user=here.owner)
    assert [(act.by, act.change_of("tags").after) for act in acts if act.change_of("tags")] == [("import_library", "x")]


def test_an_id_that_is_taken_here_is_not_taken_away(archive, begin_anew):
    there = an_asset(owner=a_user("ana"), title="There")
    export(archive)
    begin_anew()
    here = an_asset(owner=a_user("ben"), title="Here", id=there.pk)
    bring_in(archive)
    assert Asset.objects.get(pk=there.pk).title == here.title
    assert Asset.objects.get(title="There").pk != there.pk


def test_a_failed_file_gets_the_url_that_the_archive_knows(archive, begin_anew, segmind, work):
    content = a_picture()
    url = a_stored_file(content=content).url
    export(archive)
    begin_anew()
    a_stored_file(content=content, state=State.FAILED)
    bring_in(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url, file.error) == (State.STORED, url, "")
    assert segmind.received == []


def test_another_url_of_the_same_content_is_remembered_once(archive, begin_anew):
    content = a_picture()
    there = a_stored_file(content=content).url
    export(archive)
    begin_anew()
    here = a_stored_file(content=content).url
    for _ in range(2):
        bring_in(archive)
    file = StoredFile.objects.get()
    assert file.url == here and [past.url for past in file.past_urls.all()] == [there]


def test_a_dry_run_says_the_same_and_changes_nothing(archive, begin_anew, settings):
    a_library()
    an_asset(state=State.QUEUED)
    export(archive, "--originals")
    begin_anew()
    rehearsed = bring_in(archive, "--dry-run")
    assert not any(everything())
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    said = bring_in(archive)
    assert f"files: {len(files_in(archive))} new, 0 here already" in said
    assert rehearsed == said + "Nothing was changed.\n"
