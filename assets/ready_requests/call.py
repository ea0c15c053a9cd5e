"""One request to a model, before it is written in any language."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from assets.ready_requests.body import Body

HOST = "https://api.segmind.com"
Version = Literal["v2", "v1"]
# How long to ask for a result, and how often, in seconds: as Segmind's own examples do.
MAX_WAIT, POLL_INTERVAL = 900, 2
SUFFIXES = {"image": ".png", "video": ".mp4", "audio": ".mp3"}
NEVER_AGAIN = "Every submit is a new job and is billed, so this is never repeated."


@dataclass(frozen=True)
class Call:
    """`output` as in `ModelSpec`."""

    slug: str
    body: Body
    title: str = ""
    output: str = ""
    version: Version = "v2"

    @property
    def api(self) -> str:
        return f"{HOST}/{self.version}"

    @property
    def url(self) -> str:
        return f"{self.api}/{quote(self.slug, safe='')}"

    @property
    def output_file(self) -> str:
        """Where v1, which answers with the result itself, is saved; empty for what is text."""
        return "" if self.output == "text" else f"result{SUFFIXES.get(self.output, '')}"
