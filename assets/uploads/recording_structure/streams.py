"""What a recording consists of."""

from typing import NamedTuple

# So many are looked at, and so many parts of each: a file that is made to be slow is not read through.
MAX_TRACKS, MAX_TRACK_PARTS = 100, 1000


class Streams(NamedTuple):
    """A cover is no video."""

    has_audio: bool
    has_video: bool
