"""A library to carry, and archives as somebody sees them who knows the format."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from assets.models import (
    Collection,
    Favourite,
    Outcome,
    PastUrl,
    Role,
    State,
    StoredFile,
    Tag,
    Use,
    Visibility,
)
from assets.transfer.schema import TABLES
from tests.support.factories import a_request, a_user, an_administrator, an_asset

WEBP = b"RIFF\x04\x00\x00\x00WEBPVP8 "


def a_library() -> None:
    """Something of everything that can be carried, in its odd forms."""
    ana = a_user("ana", first_name="Ana", last_name="Müller", email="ana@example.com", layout="list")
    ben = a_user("Ben", role=Role.MANAGER, has_seen_email_notice=True)
    an_administrator()
    bird = an_asset(owner=ana, title="Bird 10", tags=("Été", "sky"), description="two\nlines “…” 🦜")
    bird.set_labels(collections=["Trips/2024/Lisbon", "Trips"])
    an_asset(owner=ben, stored_file=bird.stored_file, title="The same bird")
    secret = an_asset(owner=ana, title="Secret", visibility=Visibility.PRIVATE, tags=("hidden",))
    trashed = an_asset(owner=ben, title="Old")
    trashed.trash(timezone.now())
    an_asset(owner=ana, title="Gone").delete()
    failed = an_asset(owner=ben, state=State.FAILED).stored_file
    Tag.objects.create(name="used by nobody")
    Collection.objects.create(name="Empty", made_by=ben)
    # Called alike, and seen by two people and by the team.
    for person in (ana, ben):
        Collection.objects.get_or_create_by_name("Trips/2024", person, is_private=True)
    secret.set_labels(collections=["Trips/2024"], by=ana)
    bird.set_labels(collections=["Trips/2024/Lisbon", "Trips", "Trips/2024"], by=ana)
    Favourite.objects.create(user=ben, asset=bird)
    Use.objects.record(ana, [bird, secret], timezone.now())
    PastUrl.objects.create(
        stored_file=bird.stored_file, url="https://images.segmind.com/old.png", why="broken",
        stored_at=timezone.now(), replaced_at=timezone.now(),
    )  # fmt: skip
    request = a_request(outcome=Outcome.PARTLY_STORED, status=200, message="no", file_count=2)
    request.files.set([bird.stored_file, failed])
    preview = default_storage.save("previews/ab/x.webp", ContentFile(WEBP))
    StoredFile.objects.filter(pk=bird.stored_file_id).update(
        preview=preview, placeholder="Qk0=", width=64, duration=0.1
    )


def export(path: Path, *options: str) -> None:
    call_command("export_library", str(path), *options, stdout=io.StringIO())


def bring_in(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_library", str(path), *options, stdout=said)
    return said.getvalue()


def tables_in(path: Path) -> dict[str, list[str]]:
    """The rows of an archive by table, as text."""
    with tarfile.open(path) as tar:
        names = [name for name in tar.getnames() if name.startswith("rows/")]
        content = {name: gzip.decompress(tar.extractfile(name).read()) for name in names}
    return {name: lines.decode().splitlines() for name, lines in content.items()}


def files_in(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.extractfile("files.sha256").read().decode().splitlines()


def bytes_of(file: StoredFile) -> bytes:
    with file.original.open() as original:
        return original.read()


def everything() -> list[object]:
    """All rows of the tables that can be carried."""
    return [list(table.model._default_manager.order_by("pk").values()) for table in TABLES]


def rewritten(path: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> None:
    """The archive with its members changed, as somebody could who knows the format."""
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            if (changed := change(info, content)) is not None:
                changed[0].size = len(changed[1])
                tar.addfile(changed[0], io.BytesIO(changed[1]))


def with_rows(path: Path, table: str, change: Callable[[dict], object]) -> None:
    """The archive with rows that somebody has changed, and hashes that fit them."""
    made: dict[str, bytes] = {}

    def of_rows(info, content):
        if info.name == f"rows/{table}.jsonl.gz":
            rows = [json.loads(line) for line in gzip.decompress(content).splitlines()]
            made[table] = gzip.compress("".join(json.dumps(change(row) or row) + "\n" for row in rows).encode())
            return info, made[table]
        return info, content

    def of_manifest(info, content):
        if info.name == "manifest.json":
            manifest = json.loads(content)
            entry = next(entry for entry in manifest["tables"] if entry["name"] == table)
            entry["sha256"] = hashlib.sha256(made[table]).hexdigest()
            return info, json.dumps(manifest).encode()
        return info, content

    rewritten(path, of_rows)
    rewritten(path, of_manifest)


def with_manifest(path: Path, **changes: object) -> None:
    rewritten(
        path,
        lambda info, content: (
            (info, json.dumps(json.loads(content) | changes).encode())
            if info.name == "manifest.json"
            else (info, content)
        ),
    )
