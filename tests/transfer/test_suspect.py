"""Archives that cannot be used: refused in a sentence, with nothing changed."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.transfer.archives import bring_in, everything, rewritten, with_manifest, with_rows

pytestmark = pytest.mark.django_db(transaction=True)


def refused(path: Path, words: str) -> None:
    """It is refused in these words, and nothing has changed."""
    before = everything()
    with pytest.raises(CommandError, match=words):
        bring_in(path)
    assert everything() == before


def test_a_cut_archive_is_refused_wherever_it_is_cut(ready):
    content = ready.read_bytes()
    for part in range(1, 20):
        ready.write_bytes(content[: len(content) * part // 20])
        refused(ready, "archive is damaged|not an archive")
    ready.write_bytes(content[:-1024])
    refused(ready, "archive is damaged")


def test_an_archive_with_a_wrong_byte_is_refused(ready):
    content = ready.read_bytes()
    with tarfile.open(ready) as tar:
        inside = [info.offset_data + info.size // 2 for info in tar if info.size]
    for at in inside:
        ready.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        refused(ready, "archive is damaged|not an archive|version")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"x" * 2000, b"\0" * 10240], ids=len)
def test_another_file_is_no_archive(archive, begin_anew, content):
    archive.write_bytes(content)
    refused(archive, "not an archive of a Segmind Asset Library")


def test_a_file_that_is_not_there_is_said(archive, begin_anew):
    refused(archive, "There is no file")


def test_an_archive_of_a_newer_version_is_refused(ready):
    with_manifest(ready, version=3)
    refused(ready, "version 3 of the format, and this installation reads up to 2")


def test_tables_and_columns_that_are_not_known_are_not_dropped_in_silence(ready):
    with tarfile.open(ready) as tar:
        tables = json.loads(tar.extractfile("manifest.json").read())["tables"]
    with_manifest(ready, tables=[*tables, {"name": "albums", "rows": 0, "sha256": "", "columns": ["id"]}])
    refused(ready, "does not know: albums")
    tables[0]["columns"].append("colour")
    with_manifest(ready, tables=tables)
    refused(ready, r"does not know: people\.colour")


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "originals/../../evil", "originals/aa/" + "b" * 64, "previews/ab/x.html"]
)
def test_a_name_that_is_none_of_the_format_leads_nowhere(ready, name, tmp_path):
    def with_name(info, content):
        if info.name.startswith("originals/"):
            info.name = name
        return info, content

    rewritten(ready, with_name)
    refused(ready, "archive is damaged")
    assert not list(tmp_path.rglob("evil")) and not list(tmp_path.rglob("b" * 64))


def test_a_link_in_the_archive_is_not_followed(ready):
    def as_link(info, content):
        if info.name.startswith("originals/"):
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            return info, b""
        return info, content

    rewritten(ready, as_link)
    refused(ready, "something else than files")


SENSELESS = [
    ("stored_files", "sha256", "../../evil"),
    ("stored_files", "url", ""),
    ("stored_files", "size", -1),
    ("stored_files", "size", 10**30),
    ("stored_files", "state", "gone"),
    ("stored_files", "placeholder", '" onerror="x'),
    ("stored_files", "created_at", "2024-01-01T00:00:00"),
    ("stored_files", "id", "x"),
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


def test_a_row_that_makes_no_sense_is_refused_with_all_others(ready):
    whole = ready.read_bytes()
    for table, column, value in SENSELESS:
        ready.write_bytes(whole)
        with_rows(ready, table, lambda row, column=column, value=value: row | {column: value})
        refused(ready, "damaged|do not fit")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/x.png", "http://images.segmind.com/x"])
def test_a_url_that_could_not_have_been_stored_here_is_refused(ready, url):
    whole = ready.read_bytes()
    for table in ("stored_files", "past_urls"):
        ready.write_bytes(whole)
        with_rows(ready, table, lambda row: row | {"url": url} if row["url"] else row)
        refused(ready, "none of SEGMIND_ASSET_HOSTS")


def test_a_file_that_is_not_what_its_name_says_is_not_kept(ready, settings):
    listed = []

    def other(info, content):
        if info.name.startswith("originals/"):
            content = b"something else"
        if info.name.startswith(("originals/", "previews/")):
            listed.append(f"{hashlib.sha256(content).hexdigest()}  {info.name}\n")
        return info, "".join(listed).encode() if info.name == "files.sha256" else content

    rewritten(ready, other)
    before = everything()
    with pytest.raises(CommandError, match="is not what its name says"):
        bring_in(ready)
    assert everything() == before
