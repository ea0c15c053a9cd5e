"""An archive of version 1: roles in groups and flags, preferences in a table.

`version_1.tar` was written by the last version that had them: four roles, two of them at once, none, an administrator
by each of Django's flags, a closed account, a group that is no role, preferences of three people.
"""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from assets.models import Role, User
from tests.transfer.archives import bring_in, everything, export, files_in, tables_in, with_manifest, with_rows

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = {
    "ada": Role.ADMINISTRATOR,
    "both": Role.MANAGER,
    "closed": Role.MANAGER,
    "max": Role.MANAGER,
    "mia": Role.MEMBER,
    "plain": Role.MEMBER,
    "root": Role.ADMINISTRATOR,
    "staff": Role.ADMINISTRATOR,
    "vera": Role.VIEWER,
    "Éditeur": Role.MEMBER,
}


@pytest.fixture
def old(tmp_path, move_to) -> Path:
    return Path(shutil.copy(Path(__file__).with_name("version_1.tar"), tmp_path / "old.tar"))


def test_people_have_the_role_that_groups_and_flags_gave_them(old):
    assert "10 new people, 3 of them administrators" in bring_in(old)
    assert dict(User.objects.values_list("username", "role")) == ROLES
    assert User.objects.filter(is_active=False).get().username == "closed"


def test_an_administrator_by_a_flag_alone_is_one(old):
    with_rows(old, "people", lambda row: row | {"groups": []})
    bring_in(old)
    assert set(User.objects.filter(role=Role.ADMINISTRATOR).values_list("username", flat=True)) >= {"root", "staff"}


def test_people_have_the_preferences_that_they_had(old):
    bring_in(old)
    chosen = {name: rest for name, *rest in User.objects.values_list("username", "layout", "has_seen_email_notice")}
    assert chosen.pop("mia") == ["list", True] and chosen.pop("vera") == ["list", False]
    assert chosen.pop("root") == ["grid", True]
    assert all(others == ["grid", False] for others in chosen.values())


def test_everything_else_comes_to_the_last_row_and_file(old, archive):
    bring_in(old)
    export(archive, "--originals")
    before, after = tables_in(old), tables_in(archive)
    assert before.keys() - after.keys() == {"rows/groups.jsonl.gz", "rows/preferences.jsonl.gz"}
    assert {name for name in after if after[name] != before[name]} == {"rows/people.jsonl.gz"}
    assert files_in(archive) == files_in(old)


def test_to_bring_it_in_twice_changes_nothing(old):
    bring_in(old)
    before = everything()
    assert "people: 0 new, 10 here already" in bring_in(old)
    assert everything() == before


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("people", "groups", "Administrators"),
        ("people", "groups", None),
        ("preferences", "user", ["mia"]),
        ("preferences", "layout", "heap"),
        ("preferences", "knows_of_addresses", "perhaps"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_all_others(old, table, column, value):
    with_rows(old, table, lambda row: row | {column: value})
    with pytest.raises(CommandError, match="damaged"):
        bring_in(old)
    assert not User.objects.exists()


def test_what_only_version_1_has_is_not_known_in_version_2(old):
    with_manifest(old, version=2)
    with pytest.raises(CommandError, match="does not know: groups, preferences"):
        bring_in(old)


def test_a_database_of_that_time_fails_the_check_that_comes_before_a_migration():
    recorder, old = MigrationRecorder(connection), ("assets", "0002_finding_and_organising")
    recorder.record_applied(*old)
    try:
        with pytest.raises(SystemCheckError, match="made by an earlier version"):
            call_command("check", "--database", "default")
    finally:
        recorder.record_unapplied(*old)
    call_command("check", "--database", "default")
