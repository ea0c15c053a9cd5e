"""New titles and descriptions for many assets: from a pattern, or by finding and replacing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from assets.models.assets import DESCRIPTION_LENGTH, TITLE_LENGTH, Asset
from assets.text.file_names import on_one_line, without_reordering
from assets.text.normalise import normalise_name

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\d{1,2}))?\}")
PLACEHOLDERS = ("n", "title", "file", "date")
MAX_DIGITS = 20


class How(StrEnum):
    KEEP = "keep"
    SET = "set"
    REPLACE = "replace"


class Problem(StrEnum):
    """Why an asset is left as it is."""

    EMPTY = "their title would be empty"
    LONG = "their new text would be too long"


class PatternError(ValueError):
    """The message says which placeholder there is not."""


@dataclass(frozen=True)
class TextEdit:
    """What is done to one text. `text`: the pattern, or what takes the place of what is found."""

    how: How = How.KEEP
    text: str = ""
    find: str = ""
    match_case: bool = False

    def apply(self, before: str, fill: Callable[[str], str]) -> str:
        if self.how == How.SET:
            return fill(self.text)
        if self.how == How.REPLACE and self.find:
            flags = re.NOFLAG if self.match_case else re.IGNORECASE
            return re.sub(re.escape(self.find), lambda _: self.text, before, flags=flags)
        return before


@dataclass(frozen=True)
class Texts:
    title: str
    description: str


@dataclass(frozen=True)
class TextEdits:
    """What is done to each text of an asset; numbers begin with `start`."""

    title: TextEdit = TextEdit()
    description: TextEdit = TextEdit()
    start: int = 1

    def apply(self, asset: Asset, number: int) -> Texts | Problem:
        """The texts of an asset afterwards. `number`: its place in the selection, from 0 on."""

        def fill(pattern: str) -> str:
            return fill_in(pattern, asset, self.start + number)

        title = _clean_title(self.title.apply(asset.title, fill)) if self.title.how != How.KEEP else asset.title
        description = self.description.apply(asset.description, fill)
        if not normalise_name(title):
            return Problem.EMPTY
        if len(title) > TITLE_LENGTH or len(description) > DESCRIPTION_LENGTH:
            return Problem.LONG
        return Texts(title, description)


def fill_in(pattern: str, asset: Asset, number: int) -> str:
    values = {
        "n": str(number),
        "title": asset.title,
        "file": Asset.default_title(asset.file_name),
        "date": _format_date(asset.created_at),
    }
    return _PLACEHOLDER.sub(lambda found: values[found[1]].zfill(int(found[2] or 0)), pattern)


def check_pattern(pattern: str) -> None:
    """Raises PatternError for a placeholder that there is not."""
    for found in _PLACEHOLDER.finditer(pattern):
        name, digits = found.groups()
        if name not in PLACEHOLDERS or (digits and (name != "n" or int(digits) > MAX_DIGITS)):
            raise PatternError(f"There is no {found[0]}. Use {{n}}, {{n:03}}, {{title}}, {{file}} or {{date}}.")


def _clean_title(title: str) -> str:
    return on_one_line(without_reordering(title)).strip()


def _format_date(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()
