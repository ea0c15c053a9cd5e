"""Makes the peer's database: `python -m benchmarks.wagtail_peer.fill SIZE`, with the environment of its settings.

The images have the titles, descriptions, tags, sizes and uploaders of the spread, and lie in the root collection. Their
thumbnails exist already, as after a first visit; a few files stand for all.
"""

import hashlib
import itertools
import os
import sys
from pathlib import Path

import django
from django.utils import timezone

from benchmarks.spread import Entry, Spread

BATCH = 5000
FILES = 24
THUMBNAIL = "max-165x165"


def draw_files(folder: Path) -> None:
    from PIL import Image

    for name, size in (("original_images", (1024, 768)), ("images", (165, 124))):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(FILES):
            Image.new("RGB", size, (number * 10, 90, 160)).save(folder / name / f"{number}.jpg")


def fill(spread: Spread) -> None:
    from django.contrib.auth import get_user_model
    from taggit.models import Tag
    from wagtail.models import Collection

    people = [get_user_model()(username=name, first_name=first, last_name=last) for name, first, last in spread.people]
    people[0].is_staff = people[0].is_superuser = True
    people[0].set_password(os.environ["BENCH_PASSWORD"])
    people = get_user_model().objects.bulk_create(people)
    tags = Tag.objects.bulk_create([Tag(name=name, slug=f"tag-{number}") for number, name in enumerate(spread.tags)])
    root = Collection.get_first_root_node()
    entries = enumerate(spread.entries())
    while batch := list(itertools.islice(entries, BATCH)):
        insert(batch, people, tags, root)


def insert(batch: list[tuple[int, Entry]], people: list, tags: list, collection) -> None:
    from django.contrib.contenttypes.models import ContentType
    from taggit.models import TaggedItem
    from wagtail.images.models import Image, Rendition

    now = timezone.now()
    images = [
        Image(
            title=entry.title,
            description=entry.description[:255],
            file=f"original_images/{number % FILES}.jpg",
            width=entry.width or 1024,
            height=entry.height or 768,
            file_size=entry.size,
            file_hash=hashlib.sha1(str(number).encode()).hexdigest(),
            uploaded_by_user=people[entry.owner],
            collection=collection,
        )
        for number, entry in batch
    ]
    Image.objects.bulk_create(images)
    for image, (_, entry) in zip(images, batch, strict=True):
        image.created_at = now - entry.age
    Image.objects.bulk_update(images, ["created_at"], batch_size=400)
    Rendition.objects.bulk_create(
        Rendition(image=image, filter_spec=THUMBNAIL, file=f"images/{number % FILES}.jpg", width=165, height=124)
        for image, (number, _) in zip(images, batch, strict=True)
    )
    kind = ContentType.objects.get_for_model(Image)
    TaggedItem.objects.bulk_create(
        TaggedItem(tag=tags[tag], content_type=kind, object_id=image.pk)
        for image, (_, entry) in zip(images, batch, strict=True)
        for tag in entry.tags
    )


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.wagtail_peer.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    draw_files(Path(settings.MEDIA_ROOT))
    with transaction.atomic():
        fill(Spread(int(sys.argv[1])))
    call_command("update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
