"""Which input takes which file, where nobody has said so; and what is to be said of the choice."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from assets.catalogue.fits import FileFacts
from assets.catalogue.specs import FileInput, ModelSpec
from assets.text.formats import pluralise

NOUNS = {"image": "image", "video": "video", "audio": "sound", "other": "file"}
# Asked for in the place of an input.
LEFT_OUT = "-"


def assign(spec: ModelSpec, files: Sequence[FileFacts], asked: Sequence[str]) -> list[str]:
    """The name of an input for each file, or "" for none. `asked` names one for each, LEFT_OUT, or "" for any."""
    names = {each.name for each in spec.inputs}
    found = [name if name in names else "" for name in asked]
    for kind in dict.fromkeys(file.kind for file in files):
        free = [at for at, file in enumerate(files) if file.kind == kind and asked[at] != LEFT_OUT and not found[at]]
        inputs = [each for each in spec.inputs if each.kind == kind]
        for at, name in zip(free, _offer(inputs, len(free), set(found)), strict=False):
            found[at] = name
    return found


def _offer(inputs: Sequence[FileInput], count: int, taken: set[str]) -> Iterator[str]:
    """Inputs for `count` files of one kind: each required one gets one, and a list takes more than one of them."""
    single = [each for each in inputs if not each.is_list and each.name not in taken]
    lists = [each.name for each in inputs if each.is_list]
    required = [each.name for each in single if each.required]
    optional = [each.name for each in single if not each.required]
    yield from required
    if lists and (count - len(required) > 1 or not optional):
        optional = []
    yield from optional
    yield from lists[:1] * count


def number_files(spec: ModelSpec, kinds: Sequence[str], inputs: Sequence[str]) -> list[str]:
    """`image 1`, `image 2`, `video 1` for each file in the order of the body, "" for one that is not in it."""
    order = {each.name: position for position, each in enumerate(spec.inputs)}
    single = {each.name for each in spec.inputs if not each.is_list}
    sent = [at for at, name in enumerate(inputs) if name in order and not (name in single and name in inputs[:at])]
    numbers, counted = [""] * len(kinds), Counter[str]()
    for at in sorted(sent, key=lambda at: order[inputs[at]]):
        counted[kinds[at]] += 1
        numbers[at] = f"{'file' if kinds[at] == 'other' else kinds[at]} {counted[kinds[at]]}"
    return numbers


def count_in_limits(spec: ModelSpec, inputs: Iterable[str]) -> int:
    """How many of these files one request takes, as far as limits are stated."""
    counts = Counter(inputs)
    taken = (min(counts[each.name], each.max_count or counts[each.name], _most(each)) for each in spec.inputs)
    return min(sum(taken), spec.max_files or counts.total())


def _most(each: FileInput) -> int:
    return sys.maxsize if each.is_list else 1


def find_remarks(spec: ModelSpec, inputs: Iterable[str]) -> list[str]:
    """What speaks against the files together, in sentences."""
    counts = Counter(name for name in inputs if name)
    remarks = [remark for each in spec.inputs if (remark := _remark_on_count(spec, each, counts[each.name]))]
    if spec.max_files is not None and counts.total() > spec.max_files:
        remarks.append(f"{counts.total()} files; {spec.title} takes {spec.max_files} in all.")
    used = [name for name, count in counts.items() if count]
    if any("frame" in name for name in used) and any("reference" in name for name in used):
        remarks.append("Sources disagree on whether first and last frames go together with references.")
    if spec.is_retired:
        remarks.append(
            "Segmind no longer lists this model: a request may be answered with 410, and is then not billed."
        )
    return remarks


def _remark_on_count(spec: ModelSpec, each: FileInput, count: int) -> str:
    if not each.is_list and count > 1:
        return f"{count} files for {each.name}, which takes one: only the first is sent."
    if each.max_count is not None and count > each.max_count:
        return f"{pluralise(count, NOUNS[each.kind])}; {spec.title} takes {each.max_count}."
    return ""
