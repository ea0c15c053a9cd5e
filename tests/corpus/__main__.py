"""Draw a folder of varied files, sound and damaged, for `manage.py try_files`.

    python -m tests.corpus FOLDER [--count 1000] [--seed 1]

The files of the tests come first: every format, and every way to say which side of a picture is up. The others are
those again, with a piece cut off or bytes changed, and what no library takes.
"""

import argparse
import os
import random
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.corpus.table import samples  # noqa: E402
from tests.previews.test_orientation import STORED, WAYS  # noqa: E402

CHANGED_BYTES = 8
JUNK = {
    "empty.jpg": b"",
    "notes.txt": b"Nothing to see here.\n",
    "page.html": b"<!DOCTYPE html><title>A page</title>",
    "archive.zip": b"PK\x05\x06" + bytes(18),
    "program.exe": b"MZ" + bytes(400),
    "zeros.mp4": bytes(100_000),
    "ポスト.json": b'{"kind": "nothing"}',
}


def draw_tests(folder: Path) -> Iterator[tuple[str, bytes]]:
    for sample in samples():
        yield f"{sample.row.kind}/{sample.variation}.{sample.row.ending}", sample.content(folder)
    for way, (ending, made) in WAYS.items():
        for orientation in STORED:
            yield f"orientation/{way} {orientation}.{ending}", made(orientation)


def damage(content: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.5:
        return content[: dice.randrange(1, len(content))]
    changed = bytearray(content)
    for _ in range(CHANGED_BYTES):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def draw(folder: Path, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    sound = []
    for name, content in draw_tests(folder):
        sound.append((name, content))
        yield name, content
    yield from (("other/" + name, content) for name, content in JUNK.items())
    number = 0
    while True:
        number += 1
        name, content = dice.choice(sound)
        yield f"damaged/{number} {Path(name).name}", damage(content, dice)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as drawings:
        for name, content in islice(draw(Path(drawings), random.Random(options.seed)), options.count):
            path = options.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


if __name__ == "__main__":
    main()
