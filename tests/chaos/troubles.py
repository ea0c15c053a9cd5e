"""What happens to the library, one trouble after the other, each of which ends."""

import random
import shlex
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psycopg

from tests.chaos.site import DISK_MEGABYTES, Site
from tests.support.segmind_server import SegmindServer

Trouble: TypeAlias = Callable[[random.Random], None]


class Troubles:
    """`database` is an address, `disk` the folder of a small disk or None, `restart` a command or empty."""

    def __init__(
        self, site: Site, segmind: SegmindServer, dice: random.Random, *, database: str, disk: Path | None, restart: str
    ) -> None:
        self._site, self._segmind, self._dice = site, segmind, dice
        self._database, self._disk, self._restart = database, disk, shlex.split(restart)
        self.counts: Counter[str] = Counter()
        self.kills: list[float] = []
        self.slowest_end = 0.0

    def last(self, seconds: float) -> None:
        """One trouble after the other, with processes and at the same time with everything around them."""
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._last, args=[kinds, random.Random(self._dice.random()), until])
            for kinds in (self._of_processes(), self._of_surroundings())
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _last(self, kinds: list[Trouble], dice: random.Random, until: float) -> None:
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.5, 4))
            happens = dice.choice(kinds)
            self.counts[happens.__name__.strip("_").replace("_", " ")] += 1
            happens(dice)

    def _of_processes(self) -> list[Trouble]:
        return [
            self._worker_killed, self._worker_killed, self._worker_terminated, self._worker_paused, self._web_killed,
            self._web_paused,
        ]  # fmt: skip

    def _of_surroundings(self) -> list[Trouble]:
        chosen: list[Trouble] = [self._files_unreachable]
        if self._database.startswith("sqlite"):
            chosen += [self._database_locked] * 3
        else:
            chosen += [self._connections_cut] * 3
        if self._restart:
            chosen.append(self._database_restarted)
        if self._disk:
            chosen.append(self._disk_full)
        return chosen

    def _worker_killed(self, dice: random.Random) -> None:
        worker = dice.choice(self._site.workers)
        self.kills.append(time.monotonic())
        worker.kill()
        _pause(dice, 0, 2)
        worker.start()

    def _worker_terminated(self, dice: random.Random) -> None:
        worker = dice.choice(self._site.workers)
        self.slowest_end = max(self.slowest_end, worker.terminate())
        worker.start()

    def _worker_paused(self, dice: random.Random) -> None:
        worker = dice.choice(self._site.workers)
        worker.send(signal.SIGSTOP)
        _pause(dice, 2, 30)
        worker.send(signal.SIGCONT)

    def _web_killed(self, dice: random.Random) -> None:
        self._site.web.kill()
        _pause(dice, 0, 1)
        self._site.web.start()

    def _web_paused(self, dice: random.Random) -> None:
        self._site.web.send(signal.SIGSTOP)
        _pause(dice, 1, 5)
        self._site.web.send(signal.SIGCONT)

    def _files_unreachable(self, dice: random.Random) -> None:
        self._segmind.host_status = 503
        _pause(dice, 1, 8)
        self._segmind.host_status = 200

    def _database_locked(self, dice: random.Random) -> None:
        path = self._database.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        connection.execute("BEGIN EXCLUSIVE")
        _pause(dice, 0.5, 6)
        connection.close()

    def _connections_cut(self, dice: random.Random) -> None:
        for _ in range(dice.choice([1, 1, 5])):
            with psycopg.connect(self._database) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'chaos'"
                )
            _pause(dice, 0, 0.5)

    def _database_restarted(self, dice: random.Random) -> None:
        subprocess.run(self._restart, check=True, stdout=subprocess.DEVNULL)

    def _disk_full(self, dice: random.Random) -> None:
        assert self._disk
        ballast = self._disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                for _ in range(DISK_MEGABYTES):
                    file.write(bytes(1_048_576))
            except OSError:
                pass  # full
        _pause(dice, 2, 8)
        ballast.unlink()


def _pause(dice: random.Random, shortest: float, longest: float) -> None:
    time.sleep(dice.uniform(shortest, longest))
