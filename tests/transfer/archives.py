"""A library with something of all_rows, and archives read and rewrite_members without the application."""

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
    GenerationOutput,
    GenerationRun,
    ModelInput,
    ModelLimit,
    ModelParameter,
    Outcome,
    PastUrl,
    ReferenceSet,
    Role,
    RunInput,
    SavedSearch,
    SegmindModel,
    SetPin,
    State,
    StoredFile,
    Tag,
    Use,
    Visibility,
)
from assets.transfer.schema import TABLES
from tests.support.factories import a_request, a_user, an_administrator, an_asset

WEBP = b"RIFF\x04\x00\x00\x00WEBPVP8 "


def create_library() -> None:
    """Rows in every exported table, unusual ones included."""
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
    # Three collections with the same path: two private ones and one of the team.
    for person in (ana, ben):
        Collection.objects.get_or_create_by_name("Trips/2024", person, is_private=True)
    secret.set_labels(collections=["Trips/2024"], by=ana)
    bird.set_labels(collections=["Trips/2024/Lisbon", "Trips", "Trips/2024"], by=ana)
    Favourite.objects.create(user=ben, asset=bird)
    for owner, name in ((ana, "Été, wide"), (ana, "Birds"), (None, "Birds")):
        SavedSearch.objects.create(owner=owner, name=name, text='tag:"Été" wide:', sort="name", is_pinned=owner is ana)
    scene = ReferenceSet.objects.create(owner=ana, title="Été, “scene” 1", note="two\nlines", model="seedance-2.0")
    for position, asset in enumerate((bird, secret, trashed, None)):
        scene.members.create(asset=asset, kind="image", position=position, role="character", words="Mira 🦜")
    SetPin.objects.create(user=ben, reference_set=scene)
    Use.objects.record(ana, [bird, secret], timezone.now())
    PastUrl.objects.create(
        stored_file=bird.stored_file, url="https://images.segmind.com/old.png", why="broken",
        stored_at=timezone.now(), replaced_at=timezone.now(),
    )  # fmt: skip
    request = a_request(outcome=Outcome.PARTLY_STORED, status=200, message="no", file_count=2)
    request.files.set([bird.stored_file, failed])
    model = SegmindModel.objects.create(slug="our-own", title="Our “own”", description="two\nlines")
    pictures = ModelInput.objects.create(model=model, name="images", kind="image", is_list=True)
    ModelParameter.objects.create(model=model, name="steps", type="integer", default=5, choices=[5, 10], required=True)
    ModelLimit.objects.create(model=model, input=pictures, name="max_bytes", value="5000000")
    ModelLimit.objects.create(model=model, name="max_files", value="12", source_url="https://example.org/")
    run = GenerationRun.objects.create(
        request_id="r1", model="seedance-2.0", made_at=timezone.now(), cost="0.12", person=ana, prompt="two\nlines",
        parameters={"seed": 7},
    )  # fmt: skip
    RunInput.objects.create(run=run, url=bird.stored_file.url, stored_file=bird.stored_file)
    GenerationOutput.objects.create(
        run=run, url="https://images.segmind.com/1.png", state="kept", expires_at=timezone.now(),
        stored_file=secret.stored_file, sha256=secret.stored_file.sha256, kept_by=ben,
    )  # fmt: skip
    preview = default_storage.save("previews/ab/x.webp", ContentFile(WEBP))
    StoredFile.objects.filter(pk=bird.stored_file_id).update(
        preview=preview, placeholder="Qk0=", width=64, duration=0.1
    )


def export(path: Path, *options: str) -> None:
    call_command("export_library", str(path), *options, stdout=io.StringIO())


def import_archive(path: Path, *options: str) -> str:
    output = io.StringIO()
    call_command("import_library", str(path), *options, stdout=output)
    return output.getvalue()


def read_tables(path: Path) -> dict[str, list[str]]:
    """The rows of an archive by table, as text."""
    with tarfile.open(path) as tar:
        names = [name for name in tar.getnames() if name.startswith("rows/")]
        content = {name: gzip.decompress(tar.extractfile(name).read()) for name in names}
    return {name: lines.decode().splitlines() for name, lines in content.items()}


def read_file_list(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.extractfile("files.sha256").read().decode().splitlines()


def read_original(file: StoredFile) -> bytes:
    with file.original.open() as original:
        return original.read()


def all_rows() -> list[object]:
    """All rows of the exported tables."""
    return [list(table.model._default_manager.order_by("pk").values()) for table in TABLES]


def rewrite_members(
    path: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]
) -> None:
    """Replace members of an archive; `change` returns None to drop one."""
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            if (changed := change(info, content)) is not None:
                changed[0].size = len(changed[1])
                tar.addfile(changed[0], io.BytesIO(changed[1]))


def rewrite_rows(path: Path, table: str, change: Callable[[dict], object]) -> None:
    """Change the rows of a table, and the hash in the manifest accordingly."""
    rewritten: dict[str, bytes] = {}

    def rewrite_table(info, content):
        if info.name == f"rows/{table}.jsonl.gz":
            rows = [json.loads(line) for line in gzip.decompress(content).splitlines()]
            rewritten[table] = gzip.compress("".join(json.dumps(change(row) or row) + "\n" for row in rows).encode())
            return info, rewritten[table]
        return info, content

    def update_manifest(info, content):
        if info.name == "manifest.json":
            manifest = json.loads(content)
            asset = next(asset for asset in manifest["tables"] if asset["name"] == table)
            asset["sha256"] = hashlib.sha256(rewritten[table]).hexdigest()
            return info, json.dumps(manifest).encode()
        return info, content

    rewrite_members(path, rewrite_table)
    rewrite_members(path, update_manifest)


def rewrite_manifest(path: Path, **changes: object) -> None:
    rewrite_members(
        path,
        lambda info, content: (
            (info, json.dumps(json.loads(content) | changes).encode())
            if info.name == "manifest.json"
            else (info, content)
        ),
    )


def drop_column(path: Path, table: str, column: str) -> None:
    rewrite_rows(path, table, lambda row: {name: value for name, value in row.items() if name != column})
    with tarfile.open(path) as tar:
        tables = json.load(tar.extractfile("manifest.json"))["tables"]
    next(each for each in tables if each["name"] == table)["columns"].remove(column)
    rewrite_manifest(path, tables=tables)
