"""Roles: where they come from, and what each of them lets a person do. tests/test_access_matrix.py walks every page."""

import io
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from assets import permissions
from assets.accounts import roles
from assets.models import Asset, Collection, LinkStatus, Role, State, StoredFile, Visibility
from assets.models.links import AT_ONCE
from tests.conftest import client_of
from tests.support.factories import a_person, a_picture, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def role_now(user) -> Role | None:
    return permissions.role_of(get_user_model().objects.get(pk=user.pk))


@pytest.fixture
def as_viewer():
    return client_of(a_person(Role.VIEWER, "vera"))


@pytest.fixture
def as_manager():
    return client_of(a_person(Role.MANAGER, "max"))


# --- Where they come from ----------------------------------------------------------------------------------------


def test_a_new_database_has_a_group_for_each_role_with_its_permissions():
    assert {role.group for role in Role} <= set(Group.objects.values_list("name", flat=True))
    for role in (Role.VIEWER, Role.MEMBER, Role.MANAGER):
        has = Group.objects.get(name=role.group).permissions.values_list("codename", flat=True)
        assert set(has) == role.grants
    of_administrators = Group.objects.get(name=Role.ADMINISTRATOR.group).permissions
    assert of_administrators.filter(codename__in=["change_user", "view_logentry", "administer_library"]).count() == 3


def test_an_account_without_a_role_is_a_member_and_the_highest_of_several_counts(ana):
    assert role_now(ana) == Role.MEMBER
    ana.groups.set(Group.objects.filter(name__in=["Viewers", "Managers"]))
    assert role_now(ana) == Role.MANAGER


def test_a_closed_account_has_no_role(ana):
    ana.is_active = False
    assert permissions.role_of(ana) is None


def test_administrators_are_those_who_may_enter_the_administration():
    root, staff, ada = an_administrator(), a_user("staff", is_staff=True), a_person(Role.ADMINISTRATOR, "ada")
    for user in (root, staff, ada):
        assert role_now(user) == Role.ADMINISTRATOR
        assert user.groups.filter(name="Administrators").exists()
        assert client_of(user).get("/admin/assets/asset/").status_code == 200
    roles.change_role(root, Role.MEMBER)
    assert role_now(root) == Role.MEMBER and not get_user_model().objects.get(pk=root.pk).is_superuser
    assert client_of(root).get("/admin/assets/asset/").status_code == 302


def test_who_is_taken_into_the_group_elsewhere_is_an_administrator_all_the_same(ana):
    Group.objects.get(name="Administrators").user_set.add(ana)
    assert role_now(ana) == Role.ADMINISTRATOR and client_of(ana).get("/admin/").status_code == 200
    ana.groups.clear()
    assert role_now(ana) == Role.MEMBER and client_of(ana).get("/admin/").status_code == 302


def test_the_command_makes_groups_and_accounts_what_they_should_be(ana):
    Group.objects.filter(name="Viewers").delete()
    Group.objects.get(name="Members").permissions.set(Permission.objects.filter(codename="delete_user"))
    get_user_model().objects.filter(pk=ana.pk).update(is_staff=True)
    said = io.StringIO()
    call_command("sync_roles", stdout=said)
    assert "Viewers: finds, copies and downloads" in said.getvalue()
    for role in (Role.VIEWER, Role.MEMBER):
        assert set(Group.objects.get(name=role.group).permissions.values_list("codename", flat=True)) == role.grants
    assert ana.groups.get().name == "Administrators"


def test_the_last_administrator_who_can_sign_in_stays_one():
    root = an_administrator()
    a_user("invited", is_staff=True).set_unusable_password()
    a_person(Role.ADMINISTRATOR, "closed", is_active=False)
    get_user_model().objects.filter(username="invited").update(password="!")
    with pytest.raises(ValidationError, match="last administrator"):
        roles.change_role(root, Role.MANAGER)
    a_person(Role.ADMINISTRATOR, "ada")
    roles.change_role(root, Role.MANAGER)
    assert role_now(root) == Role.MANAGER


def test_the_menu_says_what_role_a_person_has(as_ana, as_viewer):
    assert "Signed in as ana, member" in as_ana.get("/").content.decode()
    assert "Signed in as vera, viewer" in as_viewer.get("/").content.decode()
    assert re.search(r"what the team has\s+\(you\)", as_viewer.get("/help/").content.decode())


# --- Viewers -----------------------------------------------------------------------------------------------------


def test_a_viewer_is_offered_nothing_that_they_may_not_do(as_viewer):
    entry = an_asset(title="Bird", tags=("sea",))
    library = as_viewer.get("/").content.decode()
    assert "Bird" in library and "Copy URLs" in library and "Download as ZIP" in library and "Favourite" in library
    for words in ("/upload/", "upload-start", 'value="tag"', 'value="trash"', 'value="visibility"', "Administration"):
        assert words not in library
    page = as_viewer.get(entry.get_absolute_url()).content.decode()
    assert "data-edit" not in page and "Move to trash" not in page
    assert "Make a collection" not in as_viewer.get("/collections/").content.decode()
    assert "Upload the first file" not in as_viewer.get("/?q=").content.decode()


def test_a_viewer_is_told_why_nothing_can_be_uploaded(as_viewer):
    for response in (as_viewer.get("/upload/"), as_viewer.post("/upload/", {"files": [io.BytesIO(a_picture())]})):
        assert response.status_code == 403 and "You are a viewer here" in response.content.decode()
    answer = as_viewer.post("/upload/", headers=JSON)
    assert answer.status_code == 403 and answer.json()["error"]["message"] == permissions.NOT_AS_VIEWER
    assert not StoredFile.objects.exists()


def test_a_viewer_changes_not_even_what_they_uploaded_before(as_viewer):
    own = an_asset(owner=get_user_model().objects.get(username="vera"), title="Bird")
    assert as_viewer.post(own.get_absolute_url(), {"title": "Fish"}).status_code == 403
    sent = {"action": "trash", "id": [own.pk], "confirmed": "1"}
    assert as_viewer.post("/assets/bulk/", sent).status_code == 403
    own.refresh_from_db()
    assert (own.title, own.trashed_at) == ("Bird", None)


def test_a_viewer_has_favourites_and_takes_entries_along(as_viewer):
    entry = an_asset()
    chosen = {"id": [entry.pk], "confirmed": "1"}
    assert as_viewer.post("/assets/bulk/", {"action": "favourite", **chosen}, headers=JSON).json()["changed"] == 1
    assert as_viewer.get("/assets/export/csv/", {"id": [entry.pk]}).status_code == 200
    assert as_viewer.get("/assets/copy/", {"id": [entry.pk], "as": "lines"}).content.decode() == entry.stored_file.url


def test_no_files_are_imported_for_a_viewer(as_viewer, tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    with pytest.raises(CommandError, match="is a viewer"):
        call_command("import_files", str(tmp_path), "--owner", "vera")


# --- Managers ----------------------------------------------------------------------------------------------------


def test_a_manager_changes_what_is_the_teams_but_not_for_whom_it_is(as_manager, ana):
    entry = an_asset(owner=ana, title="Brid")
    as_manager.post(entry.get_absolute_url(), {"title": "Bird", "tags": "sea", "visibility": "private"})
    entry.refresh_from_db()
    assert (entry.title, entry.visibility, str(entry.tags.get())) == ("Bird", Visibility.TEAM, "sea")
    sent = {"action": "visibility", "visibility": "private", "id": [entry.pk], "confirmed": "1"}
    assert as_manager.post("/assets/bulk/", sent, headers=JSON).json()["not_allowed"] == 1


def test_many_entries_are_changed_by_a_manager_and_left_alone_by_a_member(as_manager, as_ana, ben):
    entries = [an_asset(owner=ben), an_asset(owner=ben, visibility=Visibility.PRIVATE)]
    sent = {"action": "tag", "tags": "sea", "id": [entry.pk for entry in entries], "confirmed": "1"}
    counts = [as_one.post("/assets/bulk/", sent, headers=JSON).json() for as_one in (as_ana, as_manager)]
    assert [(count["changed"], count["not_allowed"]) for count in counts] == [(0, 1), (1, 0)]
    assert Asset.objects.filter(tags__name="sea").get() == entries[0]


def test_what_others_keep_private_is_invisible_to_managers_and_administrators_in_the_library(as_manager, ana):
    secret = an_asset(owner=ana, title="Secret", visibility=Visibility.PRIVATE, tags=("hidden",))
    for client in (as_manager, client_of(an_administrator())):
        assert client.get(secret.get_absolute_url()).status_code == 404
        assert client.get("/", {"q": "secret"}, headers=JSON).json()["assets"] == []
        assert client.get("/tags/complete/?q=h").json()["names"] == []
        assert client.get("/count/", {"q": "secret"}).content == b"0 results"
    assert client.get(f"/admin/assets/asset/{secret.pk}/change/").status_code == 200


def test_the_trash_of_everyone_is_for_managers_without_what_was_private(as_manager, as_ana, ana, ben):
    now = timezone.now()
    hers = an_asset(owner=ana, title="Hers", trashed_at=now)
    an_asset(owner=ana, title="Her secret", trashed_at=now, visibility=Visibility.PRIVATE)
    assert as_manager.get("/trash/", headers=JSON).json()["assets"] == []
    found = as_manager.get("/trash/everyone/", headers=JSON).json()["assets"]
    assert [entry["title"] for entry in found] == ["Hers"]
    assert as_ana.get("/trash/everyone/").status_code == 403
    page = as_manager.get("/trash/everyone/").content.decode()
    assert 'name="trash" value="everyones_trash"' in page and "Empty trash" in page
    assert client_of(ben).get(hers.get_absolute_url()).status_code == 404
    assert "/trash/everyone/" in as_manager.get(hers.get_absolute_url()).content.decode()
    as_manager.post(f"/assets/{hers.pk}/restore/")
    hers.refresh_from_db()
    assert hers.trashed_at is None


def test_emptying_ones_own_trash_leaves_that_of_others(as_manager, ana):
    now = timezone.now()
    manager = get_user_model().objects.get(username="max")
    an_asset(owner=manager, trashed_at=now)
    hers = an_asset(owner=ana, trashed_at=now)
    secret = an_asset(owner=ana, trashed_at=now, visibility=Visibility.PRIVATE)
    sent = {"action": "purge", "all": "1", "confirmed": "1"}
    as_manager.post("/assets/bulk/", {**sent, "trash": "trash"})
    assert set(Asset.objects.all()) == {hers, secret}
    as_manager.post("/assets/bulk/", {**sent, "trash": "everyones_trash"})
    assert set(Asset.objects.all()) == {secret}


def test_a_manager_sends_failed_files_of_others_again_and_renames_their_tags(as_manager, ana):
    entry = an_asset(owner=ana, state=State.FAILED, tags=("colour",))
    as_manager.post("/activity/retry/")
    assert StoredFile.objects.get().state == State.QUEUED
    as_manager.post(f"/tags/{entry.tags.get().pk}/", {"action": "rename", "name": "Farbe"})
    assert str(entry.tags.get()) == "Farbe"


def test_many_failed_and_lost_files_are_sent_again_by_who_may_change_them(as_manager, as_ana, ana, ben):
    failed = [an_asset(owner=owner, state=State.FAILED) for owner in (ana, ben)]
    lost = [an_asset(owner=owner) for owner in (ana, ben)]
    StoredFile.objects.filter(assets__in=lost).update(link_status=LinkStatus.BROKEN)
    secret = an_asset(owner=ben, state=State.FAILED, visibility=Visibility.PRIVATE)
    sent = {"id": [entry.pk for entry in (*failed, *lost, secret)], "confirmed": "1"}

    def counts(client, action):
        answer = client.post("/assets/bulk/", {"action": action, **sent}, headers=JSON).json()
        return answer["changed"], answer["unchanged"], answer["not_allowed"]

    assert counts(as_ana, "retry") == counts(as_ana, "heal") == (1, 1, 2)
    assert counts(as_manager, "retry") == counts(as_manager, "heal") == (1, 3, 0)
    states = [entry.stored_file.state for entry in Asset.objects.exclude(pk=secret.pk).select_related("stored_file")]
    assert set(states) == {State.QUEUED}
    assert StoredFile.objects.get(assets=secret).state == State.FAILED


def test_links_are_looked_at_now_when_a_manager_asks(as_manager, as_ana, ana):
    entry = an_asset(owner=ana)
    sent = {"action": "check", "id": [entry.pk], "confirmed": "1"}
    assert as_ana.post("/assets/bulk/", sent, headers=JSON).json()["not_allowed"] == 1
    assert as_manager.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1
    assert StoredFile.objects.get().link_check_at == AT_ONCE
    assert 'value="check"' in as_manager.get("/").content.decode()
    assert 'value="check"' not in as_ana.get("/").content.decode()


def test_a_change_of_a_label_is_not_said_to_concern_what_others_keep_private(as_manager, ana):
    an_asset(owner=ana, tags=("sea",))
    secret = an_asset(owner=ana, tags=("sea",), visibility=Visibility.PRIVATE)
    tag = secret.tags.get()
    assert "1 entr" in as_manager.post(f"/tags/{tag.pk}/", {"action": "delete"}).content.decode()
    secret.label(collections=["Trips/Secret"])
    an_asset(owner=ana).label(collections=["Trips"])
    page = as_manager.post(f"/collections/{Collection.objects.get(path='Trips').pk}/", {"action": "delete"})
    assert "Secret" not in page.content.decode()


def test_the_ledger_is_for_administrators_and_the_queue_for_managers(as_manager, as_ana):
    assert "Requests to Segmind" not in as_manager.get("/activity/").content.decode()
    assert "Requests to Segmind" in client_of(an_administrator()).get("/activity/").content.decode()
    assert as_manager.post("/activity/try-now/").status_code == 302
    assert as_ana.post("/activity/try-now/").status_code == 403
