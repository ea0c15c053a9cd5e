"""What a model of Segmind takes, as far as a public source states it.

None is "not stated": of such a limit nobody may say that a file keeps it.
"""

from dataclasses import dataclass, field
from typing import Literal

MediaKind = Literal["image", "video", "audio", "other"]
JsonType = Literal["string", "integer", "number", "boolean", "array", "object"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of one file. All are inclusive; `*_side` in pixels, of either side; a ratio is width / height."""

    max_bytes: int | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    min_side: int | None = None
    max_side: int | None = None
    max_pixels: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    media_types: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class FileInput:
    """A field of the request that takes the URL of a file, or a list of them. `required` is None where not stated."""

    name: str
    kind: MediaKind
    is_list: bool = False
    required: bool | None = None
    max_count: int | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Any other field of the request. `type` as JSON Schema says it."""

    name: str
    type: JsonType = "string"
    required: bool | None = None
    default: str | int | float | bool | None = None
    choices: tuple[str | int | float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """`max_files`: of all inputs together. `output` is a MediaKind, `text`, or empty where not stated."""

    slug: str
    title: str
    output: str = ""
    inputs: tuple[FileInput, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    max_files: int | None = None
    is_retired: bool = False
