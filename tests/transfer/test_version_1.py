"""An archive of version 1: roles in groups and flags, preferences in a table.

`version_1.tar` was written by the last version that had them. It has people in each of the four groups, in two of them
and in none, an administrator by each of Django's flags, a closed account, a group without a role, and preferences of
three people.
"""

import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from assets.models import Role, User
from tests.transfer.archives import (
    all_rows,
    drop_column,
    export,
    import_archive,
    read_file_list,
    read_tables,
    rewrite_manifest,
    rewrite_rows,
)

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


def test_roles_follow_from_groups_and_flags(old):
    assert "10 new people (3 administrators)" in import_archive(old)
    assert dict(User.objects.values_list("username", "role")) == ROLES
    assert User.objects.filter(is_active=False).get().username == "closed"


def test_people_whose_groups_are_missing_are_not_imported(old):
    drop_column(old, "people", "groups")
    with pytest.raises(CommandError, match="people have no groups"):
        import_archive(old)


def test_one_flag_alone_makes_an_administrator(old):
    rewrite_rows(old, "people", lambda row: row | {"groups": []})
    import_archive(old)
    assert set(User.objects.filter(role=Role.ADMINISTRATOR).values_list("username", flat=True)) >= {"root", "staff"}


def test_people_keep_their_preferences(old):
    import_archive(old)
    chosen = {name: rest for name, *rest in User.objects.values_list("username", "layout", "has_seen_email_notice")}
    assert chosen.pop("mia") == ["list", True]
    assert chosen.pop("vera") == ["list", False]
    assert chosen.pop("root") == ["medium", True]
    assert all(others == ["medium", False] for others in chosen.values())


def test_all_other_rows_and_files_are_unchanged(old, archive):
    import_archive(old)
    export(archive, "--originals")
    before, after = read_tables(old), read_tables(archive)
    for later_table in ("covers", "saved_searches", "sets", "set_members", "set_pins"):
        assert after.pop(f"rows/{later_table}.jsonl.gz") == []
    for later in ("models", "model_inputs", "model_parameters", "model_limits", "runs", "run_inputs", "outputs"):
        after.pop(f"rows/{later}.jsonl.gz", None)
    assert before.keys() - after.keys() == {"rows/groups.jsonl.gz", "rows/preferences.jsonl.gz"}
    for table, later_column in (
        ("requests", r',\s*"verify_at":\s*null'),
        ("stored_files", r',\s*"warning":\s*""'),
        ("collections", r',\s*"description":\s*""'),
        ("assets", r',\s*"source_url":\s*""'),
    ):
        name = f"rows/{table}.jsonl.gz"
        after[name] = [re.sub(later_column, "", line) for line in after[name]]
    assert {name for name in after if after[name] != before[name]} == {"rows/people.jsonl.gz"}
    assert read_file_list(archive) == read_file_list(old)


def test_importing_it_twice_changes_nothing(old):
    import_archive(old)
    before = all_rows()
    assert "people: 0 new, 10 already here" in import_archive(old)
    assert all_rows() == before


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
def test_one_invalid_row_refuses_the_whole_archive(old, table, column, value):
    rewrite_rows(old, table, lambda row: row | {column: value})
    with pytest.raises(CommandError, match="damaged"):
        import_archive(old)
    assert not User.objects.exists()


def test_tables_of_version_1_are_refused_in_version_2(old):
    rewrite_manifest(old, version=2)
    with pytest.raises(CommandError, match=r"does not know: groups, .*preferences"):
        import_archive(old)


def test_a_database_of_the_earlier_version_fails_the_check_before_migrating():
    recorder, old = MigrationRecorder(connection), ("assets", "0002_finding_and_organising")
    recorder.record_applied(*old)
    try:
        with pytest.raises(SystemCheckError, match="created by an earlier version"):
            call_command("check", "--database", "default")
    finally:
        recorder.record_unapplied(*old)
    call_command("check", "--database", "default")
