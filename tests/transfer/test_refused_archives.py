"""Archives that cannot be used are refused with a message, and nothing changes."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.transfer.archives import (
    all_rows,
    drop_column,
    import_archive,
    rewrite_manifest,
    rewrite_members,
    rewrite_rows,
)

pytestmark = pytest.mark.django_db(transaction=True)


def assert_refused(path: Path, words: str) -> None:
    """The import is refused with this message, and nothing changes."""
    before = all_rows()
    with pytest.raises(CommandError, match=words):
        import_archive(path)
    assert all_rows() == before


def test_a_cut_archive_is_refused_wherever_it_is_cut(library_archive):
    content = library_archive.read_bytes()
    for part in range(1, 20):
        library_archive.write_bytes(content[: len(content) * part // 20])
        assert_refused(library_archive, "archive is damaged|not an archive")
    library_archive.write_bytes(content[:-1024])
    assert_refused(library_archive, "archive is damaged")


def test_an_archive_with_a_wrong_byte_is_refused(library_archive):
    content = library_archive.read_bytes()
    with tarfile.open(library_archive) as tar:
        inside = [info.offset_data + info.size // 2 for info in tar if info.size]
    for at in inside:
        library_archive.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert_refused(library_archive, "archive is damaged|not an archive|version")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"x" * 2000, b"\0" * 10240], ids=len)
def test_a_file_that_is_not_an_archive_is_refused(archive, start_empty, content):
    archive.write_bytes(content)
    assert_refused(archive, "not an archive of a Segmind Asset Library")


def test_a_missing_file_is_refused(archive, start_empty):
    assert_refused(archive, "There is no file")


def test_an_archive_of_a_newer_version_is_refused(library_archive):
    rewrite_manifest(library_archive, version=3)
    assert_refused(library_archive, "format version 3; this installation reads up to 2")


def test_unknown_tables_and_columns_are_refused(library_archive):
    with tarfile.open(library_archive) as tar:
        tables = json.loads(tar.extractfile("manifest.json").read())["tables"]
    rewrite_manifest(library_archive, tables=[*tables, {"name": "albums", "rows": 0, "sha256": "", "columns": ["id"]}])
    assert_refused(library_archive, "does not know: albums")
    tables[0]["columns"].append("shoe_size")
    rewrite_manifest(library_archive, tables=tables)
    assert_refused(library_archive, r"does not know: people\.shoe_size")


@pytest.mark.parametrize(("name", "column"), [("people", "role"), ("people", "is_active"), ("assets", "visibility")])
def test_a_missing_column_does_not_allow_more(library_archive, name, column):
    """Its default would make viewers members, open closed accounts, and show private assets to everybody."""
    drop_column(library_archive, name, column)
    assert_refused(library_archive, f"{name} have no {column}")


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "originals/../../evil", "originals/aa/" + "b" * 64, "previews/ab/x.html"]
)
def test_an_unknown_member_name_is_refused_and_writes_nothing(library_archive, name, tmp_path):
    def with_name(info, content):
        if info.name.startswith("originals/"):
            info.name = name
        return info, content

    rewrite_members(library_archive, with_name)
    assert_refused(library_archive, "archive is damaged")
    assert not list(tmp_path.rglob("evil"))
    assert not list(tmp_path.rglob("b" * 64))


def test_a_link_in_the_archive_is_not_followed(library_archive):
    def as_link(info, content):
        if info.name.startswith("originals/"):
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            return info, b""
        return info, content

    rewrite_members(library_archive, as_link)
    assert_refused(library_archive, "something other than files")


INVALID_VALUES = [
    ("stored_files", "sha256", "../../evil"),
    ("stored_files", "url", ""),
    ("stored_files", "error", "x" * 1001),
    ("stored_files", "preview_error", "x" * 1001),
    ("requests", "message", "x" * 1001),
    ("stored_files", "size", -1),
    ("stored_files", "size", 10**30),
    ("stored_files", "state", "gone"),
    ("stored_files", "placeholder", '" onerror="x'),
    ("stored_files", "created_at", "2024-01-01T00:00:00"),
    ("stored_files", "id", "x"),
    ("stored_files", "size", 0),
    ("stored_files", "size", "12"),
    ("stored_files", "size", 1.5),
    ("stored_files", "size", True),
    ("stored_files", "sha256", "A" * 64),
    ("stored_files", "sha256", "a" * 64 + "\n"),
    ("stored_files", "media_type", "image/png\r\nSet-Cookie: x=1"),
    ("stored_files", "media_type", "image/png\n"),
    ("stored_files", "media_type", "text/html; charset=x"),
    ("stored_files", "media_type", ""),
    ("stored_files", "media_type", "png"),
    ("stored_files", "media_type", "video/mp4"),
    ("stored_files", "width", 0),
    ("stored_files", "height", -5),
    ("stored_files", "height", 2**31),
    ("stored_files", "link_looks", 2**15),
    ("stored_files", "duration", -1.0),
    ("stored_files", "duration", "1"),
    ("stored_files", "is_animated", "t"),
    ("stored_files", "original", "../../../etc/passwd"),
    ("stored_files", "preview", "previews/ab/x.html"),
    ("stored_files", "created_at", "0001-01-01T00:00:00+00:00"),
    ("stored_files", "created_at", "9999-12-31T23:59:59+00:00"),
    ("stored_files", "created_at", 1700000000),
    ("stored_files", "link_status", "fine"),
    ("stored_files", "attempts", -1),
    ("past_urls", "why", "bored"),
    ("past_urls", "url", ""),
    ("requests", "status", 7),
    ("requests", "outcome", "splendid"),
    ("requests", "worker", "x\x1b[2J"),
    ("requests", "key_fingerprint", "SG_secret"),
    ("assets", "visibility", "world"),
    ("assets", "kind", "video"),
    ("assets", "size", 1),
    ("assets", "title", ""),
    ("assets", "file_name", "../../etc/passwd"),
    ("assets", "description", "x" * 5001),
    ("assets", "id", "00000000"),
    ("people", "username", "a b"),
    ("people", "username", "ana\n"),
    ("people", "username", ""),
    ("people", "email", "not an address"),
    ("people", "is_active", 1),
    ("people", "role", ""),
    ("people", "date_joined", "yesterday"),
    ("tags", "name", "x" * 61),
    ("collections", "path", "/".join("abcdefghi")),
    ("history", "object_pk", "1"),
    ("history", "cid", "a\nb"),
    ("history", "remote_port", -1),
    ("history", "additional_data", {"by": ["x"]}),
    ("history", "additional_data", {"owners": "ana"}),
    ("history", "timestamp", "2024-01-01"),
    ("assets", "title", "a\0b"),
    ("assets", "title", "\ud800"),
    ("assets", "title", "x" * 300),
    ("assets", "title", None),
    ("assets", "title", ["x"]),
    ("assets", "owner", "nobody"),
    ("assets", "owner", {}),
    ("assets", "stored_file", []),
    ("assets", "tags", "sky"),
    ("assets", "tags", ["nowhere"]),
    ("assets", "owner", "ana\0"),
    ("favourites", "asset", ["ana"]),
    ("favourites", "asset", [["ana"], "x"]),
    ("tags", "name", ""),
    ("collections", "path", "//"),
    ("requests", "file_count", 0),
    ("history", "changes", ["x"]),
    ("history", "changes", {"title": [1, 2]}),
    ("history", "changes", {"title": ["a\0", "b"]}),
    ("history", "additional_data", "x"),
    ("history", "action", 7),
    ("history", "remote_addr", "<b>"),
    ("history", "content_type", ["auth", "user"]),
    ("history", "content_type", ["assets", "user"]),
    ("people", "role", "emperor"),
    ("people", "layout", "heap"),
    ("history", "content_type", "asset"),
]


def test_one_invalid_row_refuses_the_whole_archive(library_archive):
    whole = library_archive.read_bytes()
    for table, column, value in INVALID_VALUES:
        library_archive.write_bytes(whole)
        rewrite_rows(library_archive, table, lambda row, column=column, value=value: row | {column: value})
        assert_refused(library_archive, "damaged|conflict")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("application_version", "1\x1b[2J"),
        ("application_version", 7),
        ("exported_at", "\x1b]0;x\x07"),
        ("exported_at", 1),
    ],
)
def test_a_manifest_that_would_write_to_the_terminal_is_refused(library_archive, name, value):
    rewrite_manifest(library_archive, **{name: value})
    assert_refused(library_archive, "its manifest is invalid")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/x.png", "http://images.segmind.com/x"])
def test_a_url_outside_the_allowed_hosts_is_refused(library_archive, url):
    whole = library_archive.read_bytes()
    for table in ("stored_files", "past_urls"):
        library_archive.write_bytes(whole)
        rewrite_rows(library_archive, table, lambda row: row | {"url": url} if row["url"] else row)
        assert_refused(library_archive, "not in SEGMIND_ASSET_HOSTS")


def test_a_file_that_does_not_match_its_hash_is_refused(library_archive, settings):
    listed = []

    def other(info, content):
        if info.name.startswith("originals/"):
            content = b"something else"
        if info.name.startswith(("originals/", "previews/")):
            listed.append(f"{hashlib.sha256(content).hexdigest()}  {info.name}\n")
        return info, "".join(listed).encode() if info.name == "files.sha256" else content

    rewrite_members(library_archive, other)
    before = all_rows()
    with pytest.raises(CommandError, match="does not match its hash"):
        import_archive(library_archive)
    assert all_rows() == before
