"""Builders of real rows and files; images are drawn in memory."""

import hashlib
import io
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from assets.models import Asset, Collection, LinkStatus, Outcome, State, StoredFile, Tag, UploadRequest, User
from assets.models.links import as_columns
from tests.support.segmind_server import SegmindServer

_numbers = itertools.count(1)
PASSWORD = "an easy password for tests"


def a_user(username: str = "", **fields: Any) -> User:
    """An account, by default of a member."""
    return User.objects.create_user(username or f"person{next(_numbers)}", password=PASSWORD, **fields)


def an_administrator(username: str = "root") -> User:
    return User.objects.create_superuser(username, password=PASSWORD)


def a_picture(*, size: tuple[int, int] = (64, 48), format: str = "PNG", text: str = "", **options: Any) -> bytes:
    """A unique image, so that no two tests upload the same content by chance."""
    image = Image.new("RGB", size, "#4338ca")
    ImageDraw.Draw(image).text((2, 2), text or str(next(_numbers)), fill="white")
    if format == "XBM":
        image = image.convert("1")
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def a_file_of(size: int) -> bytes:
    """Exactly `size` bytes, at least 9, that are recognised as a PDF."""
    head = b"%PDF-1.4\n"
    number = f"%{next(_numbers)}".encode()
    return (head + number + b"." * size)[:size]


def a_stored_file(*, content: bytes | None = None, state: str = State.STORED, **fields: Any) -> StoredFile:
    content = a_picture() if content is None else content
    defaults: dict[str, Any] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "media_type": "image/png",
        "size": len(content),
        "state": state,
    }
    if state == State.STORED:
        defaults |= {
            "url": f"https://images.segmind.com/assets/{next(_numbers)}.png",
            "stored_at": timezone.now(),
        }
    if state == State.FAILED:
        defaults |= {"error": "Segmind refused the file: no."}
    if state == State.SENDING:
        defaults |= {"request": a_request()}
    values = defaults | fields
    stored_file = StoredFile(**(as_columns(values.get("url", "")) | values))
    stored_file.original.save(f"originals/{stored_file.sha256}", ContentFile(content), save=False)
    stored_file.save()
    return stored_file


def damage(stored_file: StoredFile) -> None:
    """Change ten bytes in the middle and at the end of its original, which keeps its size."""
    path = Path(stored_file.original.path)
    content = bytearray(path.read_bytes())
    for position in (len(content) // 2, len(content) - 10):
        content[position : position + 10] = bytes(255 - byte for byte in content[position : position + 10])
    path.write_bytes(content)


def a_link(segmind: SegmindServer, *, size: int = 9000, **fields: Any) -> StoredFile:
    """A stored file with a verified link at this server."""
    content = a_file_of(size)
    values = {
        "content": content,
        "media_type": "application/pdf",
        "url": segmind.keep("application/pdf", content),
        "link_status": LinkStatus.VERIFIED,
        "link_check_at": timezone.now() + timedelta(days=1),
    }
    return a_stored_file(**(values | fields))


def an_asset(*, owner: User | None = None, tags: tuple[str, ...] = (), **fields: Any) -> Asset:
    owner = owner or a_user()
    file_fields = {name: fields.pop(name) for name in ("content", "state") if name in fields}
    stored_file = fields.pop("stored_file", None) or a_stored_file(**file_fields)
    title = fields.pop("title", f"Picture {next(_numbers)}")
    asset = Asset.objects.create(
        owner=owner,
        stored_file=stored_file,
        title=title,
        file_name=fields.pop("file_name", f"{title}.png"),
        kind=stored_file.kind,
        size=stored_file.size,
        **fields,
    )
    asset.set_labels(tags=tags)
    return asset


def many_assets(count: int, *, owner: User, tag: str = "", collection: str = "") -> list[Asset]:
    """Many assets without originals, created in a few queries."""
    numbers = [next(_numbers) for _ in range(count)]
    files = StoredFile.objects.bulk_create(
        StoredFile(sha256=f"{number:064x}", media_type="image/png", size=1, state=State.FAILED, error="no")
        for number in numbers
    )
    assets = Asset.objects.bulk_create(
        Asset(owner=owner, stored_file=file, title=f"Picture {number}", file_name="x.png", kind="image", size=1)
        for number, file in zip(numbers, files, strict=True)
    )
    for label in (*Tag.objects.get_or_create_all([tag]), *Collection.objects.get_or_create_all([collection])):
        label.assets.add(*assets)
        label.assets.reindex()
    return assets


def a_request(**fields: Any) -> UploadRequest:
    """An open request, unless an outcome is given."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "started_at": now,
        "lease_expires_at": now,
        "file_count": 1,
        "body_bytes": 100,
        "worker": "somebody",
        "key_fingerprint": "0" * 12,
        "outcome": "",
    }
    if fields.get("outcome", "") in Outcome.values:
        defaults["finished_at"] = now
    return UploadRequest.objects.create(**(defaults | fields))
