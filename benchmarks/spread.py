"""What a team's library looks like: the same entries, newest first, for every program that is measured.

Nothing of Django in here. The n-th newest entry is the same at every size, so that a page of the newest differs by
nothing but what lies behind it. Words of known frequency are mixed in, to be searched for.
"""

import bisect
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

PEOPLE, TAGS, COLLECTIONS, WORDS = 40, 3000, 120, 4000

COMMON = "campaign"  # one entry in ten
THREE_WORDS = {"harbour": 0.05, "sunset": 0.02, "drone": 0.01}
FEW = "quixotic"  # twenty entries, whatever the size
RARE = "zeppelin"  # one entry in ten thousand
FEW_ENTRIES = 20
SECONDS_BETWEEN = 90  # two entries, on average

KINDS = {"image": 0.70, "video": 0.15, "audio": 0.10, "other": 0.05}
MEDIA_TYPES = {
    "image": {"image/jpeg": 0.55, "image/png": 0.30, "image/webp": 0.10, "image/heic": 0.03, "image/gif": 0.02},
    "video": {"video/mp4": 0.85, "video/webm": 0.10, "video/quicktime": 0.05},
    "audio": {"audio/mpeg": 0.70, "audio/wav": 0.25, "audio/flac": 0.05},
    "other": {"application/pdf": 1.0},
}
ENDINGS = {"image/jpeg": "jpg", "video/quicktime": "mov", "audio/mpeg": "mp3"}
FRAMES = {(4032, 3024): 4, (3024, 4032): 3, (1920, 1080): 5, (1080, 1920): 3, (1024, 1024): 6, (768, 1344): 2}
MEDIAN_BYTES = {"image": 900_000, "video": 9_000_000, "audio": 3_000_000, "other": 600_000}
STATES = {"stored": 0.985, "queued": 0.008, "failed": 0.007}
LINKS = {"verified": 0.90, "unchecked": 0.07, "unreachable": 0.02, "broken": 0.01}
TAGS_OF_AN_ENTRY = {0: 0.15, 1: 0.25, 2: 0.25, 3: 0.20, 4: 0.10, 5: 0.05}  # two on average
COLLECTIONS_OF_AN_ENTRY = {0: 0.45, 1: 0.40, 2: 0.15}

FIRST_NAMES = ["Ana", "Ben", "Chloë", "Dário", "Élise", "Farid", "Greta", "Hana", "Ivo", "Jörg"]
LAST_NAMES = ["Keller", "Lindqvist", "Muñoz", "Nakamura"]
# Words as teams use them; the long tail is made of syllables.
KNOWN_WORDS = """
    product hero banner portrait logo teaser launch summer winter spring autumn studio outdoor forest beach city
    night morning office coffee kitchen garden street mountain river ocean bridge skyline neon vintage minimal
    texture pattern gradient abstract marble paper metal glass wood fabric leather gold silver black white blue
    green red yellow orange purple pink brown grey dark light soft bold sharp macro aerial wide close detail top
    side front back draft final version export render upscale mask cutout background foreground overlay
    thumbnail cover poster flyer brochure newsletter website mobile desktop tablet app icon avatar team people
    woman man child dog cat horse bird flower rose tulip car bike train plane boat house tower castle museum
    market shop store sale price voucher event concert festival wedding birthday holiday travel hotel beachfront
    restaurant recipe bread cheese wine beer juice water fire smoke cloud rain snow storm rainbow star moon
    planet space robot machine engine tool interview podcast jingle voice music loop ambient trailer clip scene
    storyboard animation reel story post square vertical café
"""
SYLLABLES = [f"{consonant}{vowel}" for consonant in "bdfghklmnprstvz" for vowel in "aeio"]


@dataclass(slots=True)
class Entry:
    """One asset; `owner`, `tags` and `collections` are indexes into the spread's lists."""

    owner: int
    title: str
    file_name: str
    description: str
    tags: list[int]
    collections: list[int]
    media_type: str
    size: int
    width: int | None
    height: int | None
    duration: float | None
    state: str
    link_status: str
    private: bool
    trashed: bool
    shares_content: bool  # with the entry before it
    favourite: bool  # of the first person
    used: bool  # copied by the first person
    age: timedelta


class Choice:
    """Draws from weighted values."""

    def __init__(self, weights: dict) -> None:
        self.values = list(weights)
        self.limits = list(itertools.accumulate(weights.values()))

    def draw(self, rng: random.Random):
        return self.values[bisect.bisect(self.limits, rng.random() * self.limits[-1])]


def zipf(count: int) -> Choice:
    """Indexes, the first the most frequent."""
    return Choice({index: 1 / (index + 1) for index in range(count)})


class Spread:
    """A library of `size` entries."""

    def __init__(self, size: int, seed: int = 4) -> None:
        self.size = size
        self._seed = seed
        self.words = _words(random.Random(seed))
        self.people = _people()
        self.tags = _tags(self.words, random.Random(seed + 1))
        self.collections = _collections(self.words)

    def entries(self) -> Iterator[Entry]:
        """All entries, the newest first."""
        rng = random.Random(self._seed)
        draw = _Draw(self)
        age = 0.0
        for number in range(self.size):
            age += rng.expovariate(1 / SECONDS_BETWEEN)
            yield draw.entry(rng, number, timedelta(seconds=age))


class _Draw:
    def __init__(self, spread: Spread) -> None:
        self.words, self.size = spread.words, spread.size
        self.word, self.owner = zipf(len(spread.words)), zipf(PEOPLE)
        self.tag, self.collection = zipf(len(spread.tags)), zipf(len(spread.collections))
        self.kind, self.frame, self.state = Choice(KINDS), Choice(FRAMES), Choice(STATES)
        self.media_type = {kind: Choice(types) for kind, types in MEDIA_TYPES.items()}
        self.link, self.tag_count = Choice(LINKS), Choice(TAGS_OF_AN_ENTRY)
        self.collection_count = Choice(COLLECTIONS_OF_AN_ENTRY)
        self.every = max(1, spread.size // FEW_ENTRIES)

    def entry(self, rng: random.Random, number: int, age: timedelta) -> Entry:
        kind = self.kind.draw(rng)
        media_type = self.media_type[kind].draw(rng)
        width, height = self.frame.draw(rng) if kind in ("image", "video") else (None, None)
        state = self.state.draw(rng)
        planted = self._planted(number)
        title = " ".join([*self._title(rng), *planted]).capitalize()
        return Entry(
            owner=self.owner.draw(rng),
            title=title,
            file_name=f"{title.lower().replace(' ', '-')}-{number:06d}.{ending(media_type)}",
            description=self._sentence(rng) if rng.random() < 0.3 else "",
            tags=self._several(rng, self.tag, self.tag_count),
            collections=self._several(rng, self.collection, self.collection_count),
            media_type=media_type,
            size=max(1000, int(rng.lognormvariate(math.log(MEDIAN_BYTES[kind]), 1.0))),
            width=width,
            height=height,
            duration=round(rng.lognormvariate(3, 1), 2) if kind in ("video", "audio") else None,
            state=state,
            link_status=self.link.draw(rng) if state == "stored" else "unchecked",
            private=rng.random() < 0.05 and not planted,
            trashed=rng.random() < 0.01 and not planted,
            shares_content=number > 0 and rng.random() < 0.03,
            favourite=self._marked(number, 7),
            used=self._marked(number, 11),
            age=age,
        )

    def _title(self, rng: random.Random) -> list[str]:
        words = [self._word(rng) for _ in range(rng.choice((2, 3, 3, 4)))]
        if rng.random() < 0.10:
            words.append(COMMON)
        return words + [word for word, share in THREE_WORDS.items() if rng.random() < share]

    def _planted(self, number: int) -> list[str]:
        """Words that are to be found in an exact number of entries, none of them on the first page."""
        words = [RARE] if number % 10_000 == 5_000 else []
        return [*words, FEW, *THREE_WORDS] if number % self.every == self.every // 2 else words

    def _marked(self, number: int, offset: int) -> bool:
        """One of some two hundred: twenty among the newest hundred, the others all over the library."""
        return number % max(1, self.size // 180) == offset if number >= 100 else number % 5 == offset % 5

    def _sentence(self, rng: random.Random) -> str:
        return " ".join(self._word(rng) for _ in range(rng.randint(6, 20))).capitalize() + "."

    def _word(self, rng: random.Random) -> str:
        return self.words[self.word.draw(rng)]

    def _several(self, rng: random.Random, choice: Choice, count: Choice) -> list[int]:
        return sorted({choice.draw(rng) for _ in range(count.draw(rng))})


def ending(media_type: str) -> str:
    return ENDINGS.get(media_type) or media_type.partition("/")[2]


def _words(rng: random.Random) -> list[str]:
    words = dict.fromkeys(KNOWN_WORDS.split())
    while len(words) < WORDS:
        words["".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4)))] = None
    return list(words)


def _people() -> list[tuple[str, str, str]]:
    """Username, first name, last name."""
    names = itertools.islice(itertools.product(LAST_NAMES, FIRST_NAMES), PEOPLE)
    return [(f"person{number}", first, last) for number, (last, first) in enumerate(names)]


def _tags(words: Sequence[str], rng: random.Random) -> list[str]:
    tags = dict.fromkeys(words[: TAGS // 3])
    while len(tags) < TAGS:
        tags[f"{rng.choice(words[:300])} {rng.choice(words)}"] = None
    return list(tags)


def _collections(words: Sequence[str]) -> list[tuple[str, int | None]]:
    """Name and the index of the parent: ten at the top, three levels."""
    return [
        (f"{words[number]} {number}", None if number < 10 else (number - 10) // 10) for number in range(COLLECTIONS)
    ]
