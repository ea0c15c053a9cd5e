"""Fills an empty library: `python -m benchmarks.generator SIZE`, with the environment of its settings.

Rows only, but for a few previews that stand for all: nothing is uploaded, and no original is kept.
"""

import base64
import hashlib
import io
import itertools
import os
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

import django

from benchmarks.spread import Entry, Spread, ending

BATCH = 5000
PREVIEWS = 24
HOST = "images.segmind.com"
ERROR = "Segmind refused the file: Invalid data URL."


class Filler:
    """Makes rows of entries, a batch at a time."""

    def __init__(self, spread: Spread, now: datetime) -> None:
        from django.contrib.auth import get_user_model

        from assets.models import Tag

        self.spread, self.now = spread, now
        people = [
            get_user_model()(username=name, first_name=first, last_name=last) for name, first, last in spread.people
        ]
        people[0].set_password(os.environ["BENCH_PASSWORD"])
        self.people = get_user_model().objects.bulk_create(people)
        self.tags = Tag.objects.bulk_create([Tag(name=name, key=Tag.make_key(name)) for name in spread.tags])
        self.collections = self._collections()
        self.previews = list(_previews())
        self._file: Any = None
        self._holders: set[int] = set()

    def fill(self) -> None:
        entries = enumerate(self.spread.entries())
        while batch := list(itertools.islice(entries, BATCH)):
            self._insert([(self._asset(number, entry), entry) for number, entry in batch])

    def _insert(self, made: list[tuple[Any, Entry]]) -> None:
        from auditlog.models import LogEntry

        from assets.models import Asset, Favourite, StoredFile, Use

        files = {asset.stored_file.pk: asset.stored_file for asset, _ in made if asset.stored_file._state.adding}
        StoredFile.objects.bulk_create(files.values())
        Asset.objects.bulk_create(asset for asset, _ in made)
        tagged, collected = Asset.tags.through, Asset.collections.through
        tagged.objects.bulk_create(
            tagged(asset_id=asset.pk, tag_id=self.tags[index].pk) for asset, entry in made for index in entry.tags
        )
        collected.objects.bulk_create(
            collected(asset_id=asset.pk, collection_id=self.collections[index].pk)
            for asset, entry in made
            for index in entry.collections
        )
        LogEntry.objects.bulk_create(self._uploaded(asset) for asset, _ in made)
        me = self.people[0]
        Favourite.objects.bulk_create(Favourite(user=me, asset=asset) for asset, entry in made if entry.favourite)
        Use.objects.bulk_create(
            Use(user=me, asset=asset, used_at=asset.created_at) for asset, entry in made if entry.used
        )

    def _asset(self, number: int, entry: Entry) -> Any:
        from assets.models import Asset, Visibility
        from assets.text.normalise import sort_key

        file = self._stored_file(number, entry)
        return Asset(
            owner=self.people[entry.owner],
            stored_file=file,
            title=entry.title,
            file_name=entry.file_name,
            description=entry.description,
            visibility=Visibility.PRIVATE if entry.private else Visibility.TEAM,
            created_at=self.now - entry.age,
            trashed_at=self.now if entry.trashed else None,
            kind=file.kind,
            size=file.size,
            search_text=self._search_text(entry),
            title_key=sort_key(entry.title),
        )

    def _search_text(self, entry: Entry) -> str:
        """As `reindex()` makes it, which would write every row once more."""
        from assets.text.normalise import normalise_words

        owner = self.people[entry.owner]
        tags = sorted((self.tags[index] for index in entry.tags), key=attrgetter("key"))
        collections = sorted((self.collections[index] for index in entry.collections), key=attrgetter("key"))
        words = [entry.title, entry.file_name, entry.description, owner.username, owner.get_full_name()]
        words += [tag.name for tag in tags] + [collection.path for collection in collections]
        return "\n".join(folded for text in words if (folded := normalise_words(text)))

    def _uploaded(self, asset: Any) -> Any:
        """The beginning of its story."""
        from auditlog.models import LogEntry
        from django.contrib.contenttypes.models import ContentType

        return LogEntry(
            content_type=ContentType.objects.get_for_model(asset),
            object_pk=str(asset.pk),
            object_repr=asset.title,
            action=LogEntry.Action.CREATE,
            changes={},
            actor=asset.owner,
            timestamp=asset.created_at,
        )

    def _stored_file(self, number: int, entry: Entry) -> Any:
        """A new one, or the one of the entry before, where that is somebody else's."""
        if entry.shares_content and entry.owner not in self._holders:
            self._holders.add(entry.owner)
            return self._file
        self._holders = {entry.owner}
        self._file = self._new_file(number, entry)
        return self._file

    def _new_file(self, number: int, entry: Entry) -> Any:
        from assets.models import State, StoredFile

        moment = self.now - entry.age
        is_stored = entry.state == State.STORED
        preview, placeholder = self.previews[number % PREVIEWS]
        return StoredFile(
            sha256=hashlib.sha256(str(number).encode()).hexdigest(),
            media_type=entry.media_type,
            size=entry.size,
            width=entry.width,
            height=entry.height,
            duration=entry.duration,
            preview=preview,
            placeholder=placeholder if entry.width else "",
            is_animated=entry.media_type == "image/gif",
            state=entry.state,
            error=ERROR if entry.state == State.FAILED else "",
            url=f"https://{HOST}/assets/{uuid.uuid4()}.{ending(entry.media_type)}" if is_stored else "",
            url_host=HOST if is_stored else "",
            stored_at=moment if is_stored else None,
            link_status=entry.link_status,
            created_at=moment,
        )

    def _collections(self) -> list[Any]:
        from assets.models import Collection

        made: list[Collection] = []
        for name, parent in self.spread.collections:
            made.append(Collection.objects.create(name=name, parent=None if parent is None else made[parent]))
        return made


def _previews() -> Iterator[tuple[str, str]]:
    """The few small pictures that stand for all: the name of each, and its placeholder."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from PIL import Image

    for number in range(PREVIEWS):
        picture = Image.new("RGB", (320, 240), (number * 10, 90, 160))
        content, placeholder = io.BytesIO(), io.BytesIO()
        picture.save(content, "WEBP")
        picture.resize((4, 3)).save(placeholder, "BMP")
        name = default_storage.save(f"previews/{number}.webp", ContentFile(content.getvalue()))
        yield name, base64.b64encode(placeholder.getvalue()).decode()


def prepared(connection: Any) -> None:
    """What a database does by itself in the course of months."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from assets.search import index

    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX asset_search_trigrams")  # it is made at once quicker than row by row
    with transaction.atomic():
        Filler(Spread(int(sys.argv[1])), timezone.now()).fill()
    index.create_indexes()
    prepared(connection)


if __name__ == "__main__":
    main()
