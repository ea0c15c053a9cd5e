from collections.abc import Mapping
from dataclasses import dataclass

from assets.ready_requests.body import Value
from assets.ready_requests.call import Call

# In seconds, between two looks at what is running, and after Segmind has said that it was too much.
POLL_INTERVAL, PAUSE = 5, 60
# Of these answers, the next file would get the same.
FATAL = (401, 403, 404, 405, 406, 410)
MAX_REFUSED = 3


@dataclass(frozen=True)
class BatchCall:
    """`values`: of the input, by the ids of the assets. `stem`: of the names of the files."""

    call: Call
    input_name: str
    values: Mapping[str, Value]
    rate: int
    stem: str

    @property
    def results(self) -> str:
        return f"{self.stem}-results.jsonl"

    @property
    def body(self) -> dict[str, Value]:
        """What all have; the input, in its place, is empty."""
        return {**self.call.body.fields, self.input_name: None}

    @property
    def blanks(self) -> tuple[str, ...]:
        return tuple(name for name in self.call.body.blanks if name != self.input_name)

    @property
    def about(self) -> tuple[str, ...]:
        """For the head of a script."""
        count, model = len(self.values), " ".join((self.call.title or self.call.slug).split())
        return (
            f"{count} {'request' if count == 1 else 'requests'} to {model}: each is a job of its own and is billed.",
            f"Results are added to {self.results}. Run this again to go on: what has a line there is not sent again,",
            "unless Segmind refused it. To send a file again, delete its lines.",
        )
