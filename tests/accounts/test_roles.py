"""Roles: where they come from, and who may use the admin. What viewers and managers may do is in test_rights.py."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client

from assets import permissions
from assets.accounts import roles
from assets.models import Asset, Role, User
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_picture, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def role_now(user) -> Role | None:
    return permissions.get_role(User.objects.get(pk=user.pk))


# --- Where they come from ----------------------------------------------------------------------------------------


def test_a_new_account_is_a_member(ana):
    assert role_now(ana) == Role.MEMBER


INVALID_ROLES = ["", "emperor", "ADMINISTRATOR", "administrator ", "Manager", "superuser", "3"]


@pytest.mark.parametrize("invalid_role", INVALID_ROLES)
def test_an_account_with_an_invalid_role_is_a_viewer(ana, invalid_role):
    User.objects.filter(pk=ana.pk).update(role=invalid_role)
    assert role_now(ana) == Role.VIEWER
    client = client_of(ana)
    assert "Signed in as ana, viewer" in client.get("/").content.decode()
    assert client.get("/upload/").status_code == 403
    assert client.get("/admin/").status_code == 302
    assert ana not in User.objects.uploaders()


@pytest.mark.parametrize("invalid_role", INVALID_ROLES)
def test_an_invalid_role_allows_nothing_that_a_viewer_may_not(ana, ben, upload, invalid_role):
    own, team = an_asset(owner=ana, title="Mine"), an_asset(owner=ben, title="Ben’s")
    User.objects.filter(pk=ana.pk).update(role=invalid_role)
    ana.refresh_from_db()
    client = client_of(ana)
    picture = {"files": ContentFile(a_picture(), name="a.png")}
    refused = {
        "/upload/": picture,
        f"/assets/{own.pk}/": {"title": "Changed"},
        f"/assets/{own.pk}/trash/": {},
        f"/assets/{team.pk}/trash/": {},
        "/assets/bulk/": {"action": "trash", "confirmed": "1", "id": [str(own.pk)]},
        "/activity/try-now/": {},
        "/collections/": {"name": "New"},
        "/people/": {"username": "ida", "role": "administrator"},
        f"/people/{ana.pk}/": {"action": "role", "role": "administrator"},
    }
    for path, sent in refused.items():
        answer = client.post(path, sent, headers=JSON)
        assert (answer.status_code, "error" in answer.json()) == (403, True), path
    for path in ("/people/", "/trash/everyone/", "/upload/"):
        assert client.get(path).status_code == 403, path
    for path in ("/admin/", "/admin/assets/user/", f"/admin/assets/user/{ana.pk}/password/"):
        assert client.get(path, follow=True).status_code == 403, path
    assert client.get(f"/assets/{team.pk}/", headers=JSON).json()["title"] == "Ben’s"
    assert not any([ana.is_staff, ana.is_superuser, ana.has_perm("assets.view_asset"), ana.has_module_perms("assets")])
    assert ana not in {*User.objects.uploaders(), *User.objects.administrators()}


@pytest.mark.parametrize("invalid_role", INVALID_ROLES)
def test_an_administrator_sees_an_invalid_role_as_viewer_and_mends_it(ana, invalid_role):
    as_root = client_of(an_administrator())
    User.objects.filter(pk=ana.pk).update(role=invalid_role)
    pages = [
        as_root.get(path).content.decode() for path in (f"/people/{ana.pk}/", f"/admin/assets/user/{ana.pk}/change/")
    ]
    assert all("Viewer" in page for page in pages)
    as_root.post(f"/people/{ana.pk}/", {"action": "role", "role": "member"})
    assert role_now(ana) == Role.MEMBER


def test_an_invalid_role_is_no_administrator_who_could_be_the_last():
    root, ada = an_administrator(), a_user("ada", role=Role.ADMINISTRATOR)
    User.objects.filter(pk=ada.pk).update(role="administrator ")
    with pytest.raises(ValidationError, match="last administrator"):
        roles.change_role(root, Role.MEMBER)


def test_no_form_or_command_gives_an_invalid_role(ana, tmp_path):
    as_root = client_of(an_administrator())
    for path, sent in {
        "/people/": {"username": "ida", "role": "emperor"},
        f"/people/{ana.pk}/": {"action": "role", "role": "emperor"},
        f"/admin/assets/user/{ana.pk}/change/": {"username": "ana", "role": "emperor"},
    }.items():
        as_root.post(path, sent)
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("invite", "ana", "--role", "emperor")
    assert set(User.objects.values_list("username", "role")) == {("root", "administrator"), ("ana", "member")}
    User.objects.filter(pk=ana.pk).update(role="emperor")
    (tmp_path / "a.png").write_bytes(a_picture())
    with pytest.raises(CommandError, match="viewer"):
        call_command("import_files", str(tmp_path), "--owner", "ana")
    assert not Asset.objects.exists()


def test_a_closed_account_has_no_role(ana):
    ana.is_active = False
    assert permissions.get_role(ana) is None


def test_only_administrators_may_use_the_admin():
    for user in (an_administrator("root"), a_user("ada", role=Role.ADMINISTRATOR)):
        assert role_now(user) == Role.ADMINISTRATOR
        assert user.is_staff
        assert user.is_superuser
        assert user.has_perms(["assets.change_asset", "auditlog.view_logentry"])
        assert client_of(user).get("/admin/assets/asset/").status_code == 200
    roles.change_role(user, Role.MEMBER)
    assert role_now(user) == Role.MEMBER
    assert not (user.is_staff)
    assert not (user.is_superuser)
    assert not (user.has_perm("assets.view_asset"))
    assert not (user.has_module_perms("assets"))
    assert client_of(user).get("/admin/assets/asset/").status_code == 302


def test_a_closed_administrator_cannot_use_the_admin(ana):
    root = an_administrator()
    root.is_active = False
    assert not (root.is_staff)
    assert not (root.is_superuser)
    assert not (root.has_perm("assets.view_asset"))


def test_createsuperuser_creates_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", "--noinput", "--username", "root", "--email", "root@Example.COM", stdout=io.StringIO()
    )
    root = User.objects.get()
    assert permissions.get_role(root) == Role.ADMINISTRATOR
    assert root.email == "root@example.com"
    assert Client().login(username="root", password=PASSWORD)


def test_one_query_loads_a_user_with_role_and_preferences(as_ana, django_assert_num_queries):
    with django_assert_num_queries(2) as asked:
        request = as_ana.get("/account/session/").wsgi_request
        assert (request.user.role, request.user.layout, request.user.has_seen_email_notice) == (
            "member",
            "medium",
            False,
        )
    assert [query["sql"].split(" FROM ")[1].split()[0] for query in asked] == ["django_session", "assets_user"]


def test_the_last_administrator_keeps_the_role():
    root = an_administrator()
    User.objects.create_user("invited", role=Role.ADMINISTRATOR)
    a_user("closed", role=Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(ValidationError, match="last administrator"):
        roles.change_role(root, Role.MANAGER)
    a_user("ada", role=Role.ADMINISTRATOR)
    roles.change_role(root, Role.MANAGER)
    assert role_now(root) == Role.MANAGER


def test_the_menu_shows_the_role(as_ana, as_viewer):
    assert "Signed in as ana, member" in as_ana.get("/").content.decode()
    assert "Signed in as vera, viewer" in as_viewer.get("/").content.decode()
    assert re.search(r"the team’s assets\s+\(you\)", as_viewer.get("/help/").content.decode())
