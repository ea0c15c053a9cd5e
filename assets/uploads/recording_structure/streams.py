"""What a recording consists of."""

from typing import NamedTuple


class Streams(NamedTuple):
    """A cover is no video."""

    has_audio: bool
    has_video: bool
