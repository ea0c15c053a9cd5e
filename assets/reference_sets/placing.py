"""Which input of a model each member of a set goes to, the number that it has there, and what speaks against it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assets.catalogue.fits import FileFacts, judge
from assets.catalogue.specs import FileInput, ModelSpec
from assets.ready_requests.assign import LEFT_OUT, NOUNS, assign, find_remarks, number_files
from assets.text.formats import pluralise

FIRST, LAST, VOICE, OWN = "first_frame", "last_frame", "voice", "own"
FRAMES = {FIRST: "first frame", LAST: "last frame"}
# How inputs that take one frame are called: `first_frame_url`, `start_image_url`, `tail_image`.
FRAME_NAMES = {FIRST: ("first", "start"), LAST: ("last", "end", "tail")}


@dataclass(frozen=True)
class Reference:
    """A member as a request has it. `facts` are None where the person may not know them."""

    kind: str
    role: str
    words: str
    title: str
    facts: FileFacts | None = None

    @property
    def phrase(self) -> str:
        """What a prompt says of it: `character sheet of Mira`, or of one without words `character, IMG 2041`."""
        if self.words:
            return self.words
        return self.title if self.role == OWN else f"{self.role.replace('_', ' ')}, {self.title}"


@dataclass(frozen=True)
class Place:
    """`input`: empty for what is not sent. `number`: `image 1`, as in the prompt. `reasons`: limits that it breaks."""

    input: str
    number: str
    reasons: tuple[str, ...] = ()


def place(spec: ModelSpec | None, references: Sequence[Reference]) -> list[Place]:
    """In the order of the references. Without a model, all have numbers."""
    if spec is None:
        return [Place("", number) for number in _count_kinds(references)]
    kinds = [each.kind for each in references]
    # Only the kind decides which input takes a file.
    files = [each.facts or FileFacts(kind=each.kind, media_type="", size=0) for each in references]
    inputs = assign(spec, files, list(_ask(spec, references)))
    numbers = number_files(spec, kinds, inputs)
    by_name = {each.name: each for each in spec.inputs}
    return [
        Place(name, number, _judge(by_name.get(name), each.facts))
        for name, number, each in zip(inputs, numbers, references, strict=True)
    ]


def _count_kinds(references: Sequence[Reference]) -> Iterator[str]:
    counted = Counter[str]()
    for each in references:
        counted[each.kind] += 1
        yield f"{'file' if each.kind == 'other' else each.kind} {counted[each.kind]}"


def _ask(spec: ModelSpec, references: Sequence[Reference]) -> Iterator[str]:
    """The name of an input for each, or "" for any of its kind: frames first, the others to the list of their kind."""
    taken: set[str] = set()
    for each in references:
        frame = find_frame(spec, each)
        if frame in taken:
            yield LEFT_OUT
        elif frame:
            taken.add(frame)
            yield frame
        else:
            yield find_list(spec, each)


def find_frame(spec: ModelSpec, reference: Reference) -> str:
    names = FRAME_NAMES.get(reference.role, ())
    inputs = [each.name for each in spec.inputs if not each.is_list and each.kind == reference.kind]
    found = [name for name in inputs if any(word in name.lower().split("_") for word in names)]
    if not found and reference.role == FIRST and len(inputs) == 1:
        return inputs[0]
    return found[0] if found else ""


def find_list(spec: ModelSpec, reference: Reference) -> str:
    """One that is named after the role, if there are several."""
    names = [each.name for each in spec.inputs if each.is_list and each.kind == reference.kind]
    return next((name for name in names if reference.role in name), names[0] if names else "")


def _judge(spec: FileInput | None, facts: FileFacts | None) -> tuple[str, ...]:
    verdict = judge(spec, facts) if spec and facts else None
    return verdict.reasons if verdict and verdict.outcome == "does_not" else ()


@dataclass(frozen=True)
class Count:
    """`9 images of 9`; what the model does not limit is without a limit."""

    text: str
    is_over: bool


def count_kinds(spec: ModelSpec | None, references: Sequence[Reference], places: Sequence[Place]) -> list[Count]:
    """How many go to each list, and how many of each kind there are besides."""
    counted = [each.kind for each in references]
    inputs = [each for each in spec.inputs if each.is_list] if spec else []
    limits: dict[str, int | None] = {each.kind: each.max_count for each in reversed(inputs)}
    lists = {each.name for each in inputs}
    found = []
    for kind in dict.fromkeys(counted):
        limit = limits.get(kind)
        in_list = [it for each, it in zip(references, places, strict=True) if each.kind == kind and it.input in lists]
        text = pluralise(counted.count(kind), NOUNS[kind])
        if limit is not None and len(in_list) != counted.count(kind):
            text = f"{text}, {len(in_list)} as references"
        found.append(Count(text if limit is None else f"{text} of {limit}", limit is not None and len(in_list) > limit))
    return found


# --- What is to be said of all of them together ------------------------------------------------------------------


def warn(spec: ModelSpec | None, references: Sequence[Reference], places: Sequence[Place]) -> list[str]:
    """In sentences, the most important first. Nothing of it keeps anybody from copying."""
    warnings = list(_warn_of_roles(references))
    if spec is not None:
        warnings += _warn_of_frames(spec, references)
        warnings += _warn_of_unsent(spec, references, places)
        warnings += find_remarks(spec, [each.input for each in places])
    return warnings


def _warn_of_roles(references: Sequence[Reference]) -> Iterator[str]:
    roles = Counter(each.role for each in references)
    kinds = {each.kind for each in references}
    for role, noun in FRAMES.items():
        if roles[role] > 1:
            yield f"{roles[role]} assets are the {noun}. Only the first is sent as that."
    if roles[LAST] and not roles[FIRST]:
        yield "A last frame without a first frame."
    if roles[VOICE] and not kinds & {"image", "video"}:
        yield "A voice without an image or a video of who speaks."


def _warn_of_frames(spec: ModelSpec, references: Iterable[Reference]) -> Iterator[str]:
    for role, noun in FRAMES.items():
        frames = [each for each in references if each.role == role]
        if frames and not any(find_frame(spec, each) for each in frames):
            yield f"{spec.title} has no input for a {noun}: it goes with the references."


def _warn_of_unsent(spec: ModelSpec, references: Sequence[Reference], places: Sequence[Place]) -> Iterator[str]:
    unsent = [each for each, it in zip(references, places, strict=True) if not it.input]
    takes = {each.kind for each in spec.inputs}
    for kind, count in Counter(each.kind for each in unsent if not find_frame(spec, each)).items():
        yield f"{pluralise(count, NOUNS[kind])} not sent: {spec.title} takes {'no more' if kind in takes else 'none'}."


def write_prompt(references: Sequence[Reference], places: Sequence[Place]) -> str:
    """A line for each that is sent, in the order of its kind: `image 1: character sheet of Mira`."""
    numbered = [(it.number, each) for each, it in zip(references, places, strict=True) if it.number]
    numbered.sort(key=lambda pair: _order(pair[0]))
    return "\n".join(f"{number}: {' '.join(each.phrase.split())}" for number, each in numbered)


def _order(number: str) -> tuple[int, int]:
    kind, _, count = number.partition(" ")
    return ("image", "video", "audio", "file").index(kind), int(count)
