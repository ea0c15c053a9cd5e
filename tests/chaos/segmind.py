"""Segmind Storage on a bad day: it stores in another order, loses answers, stalls and refuses."""

import random
import threading
import time
from dataclasses import dataclass

from tests.support import replies
from tests.support.replies import Reply
from tests.support.segmind_server import Handler, Received, SegmindServer


def shuffled(dice: random.Random) -> Reply:
    def reply(handler: Handler, received: Received) -> None:
        urls = [handler.store(media_type, content) for media_type, content in received.files]
        dice.shuffle(urls)
        handler.answer(200, {"urls": urls})

    return reply


def slow(handler: Handler, received: Received) -> None:
    handler.segmind.released.wait(3)
    replies.stored(handler, received)


LOSING = (replies.cuts_after_storing, replies.one_url_less)
REFUSING = (
    replies.error(500), replies.raw(502, b""), replies.error(503), replies.error(429, retry_after="1"),
    replies.hangs_up, replies.raw(413, b"<h1>too large</h1>"),
)  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """A request whose files were stored. `is_answered`: with all URLs, in whatever order."""

    hashes: list[str]
    started: float
    ended: float
    is_answered: bool


class Moody:
    """The server's `always`; it remembers every request that stored something."""

    def __init__(self, server: SegmindServer, dice: random.Random) -> None:
        self._dice = dice
        self._lock = threading.Lock()
        self.exchanges: list[Exchange] = []
        self.is_calm = False
        server.always = self.answer

    def answer(self, handler: Handler, received: Received) -> None:
        with self._lock:
            kind = (
                "good"
                if self.is_calm
                else self._dice.choices(["good", "shuffled", "slow", "losing", "refusing"], [30, 35, 10, 10, 15])[0]
            )
            losing, refusing = self._dice.choice(LOSING), self._dice.choice(REFUSING)
            order = random.Random(self._dice.random())
        if kind == "refusing" and (len(received.files) > 1 or refusing is not REFUSING[-1]):
            return refusing(handler, received)
        reply = {"shuffled": shuffled(order), "slow": slow, "losing": losing}.get(kind, replies.stored)
        reply(handler, received)
        self.exchanges.append(Exchange(received.hashes, received.at, time.monotonic(), kind != "losing"))
        return None
