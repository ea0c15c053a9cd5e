"""What a recording consists of."""

from typing import NamedTuple

# So many are looked at, so that a file that is made to be slow is not.
MAX_TRACKS = 100


class Streams(NamedTuple):
    """A cover is no video."""

    has_audio: bool
    has_video: bool
