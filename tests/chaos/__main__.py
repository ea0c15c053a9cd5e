"""Five minutes in which everything goes wrong: `python -m tests.chaos [--seconds 300] [--seed 1] [--restart COMMAND]`.

Three people upload over HTTP to a real web process; three real workers send to a server that imitates Segmind on a bad
day. Meanwhile connections are cut, processes killed and paused, the disk is full for a while. Then the troubles end,
and everything that was promised has to be there. Runs on SQLite, or on the PostgreSQL server that DATABASE_URL names,
where `--restart` is the command that restarts it. The same seed plans the same troubles.
"""

import argparse
import os
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.chaos import verdict
from tests.chaos.segmind import Moody
from tests.chaos.site import Site, a_database, a_disk, settings
from tests.chaos.troubles import Troubles
from tests.chaos.uploaders import Uploader
from tests.support.segmind_server import SegmindServer

PEOPLE = ("ana", "ben", "cleo")
PASSWORD = "an easy password for chaos"


def set_up(environment: dict[str, str]) -> None:
    """Create the tables and the people, and set this process up to look into the database."""
    os.environ |= environment | {"PGAPPNAME": "verdict"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from assets.models import User

    for name in PEOPLE:
        User.objects.create_user(name, password=PASSWORD)


def run(seconds: float, seed: int, restart: str, folder: Path, disk: Path | None, database: str) -> bool:
    dice = random.Random(seed)
    with SegmindServer() as segmind:
        environment = settings(folder, database, segmind.address)
        set_up(environment)
        moody = Moody(segmind, random.Random(dice.random()))
        logs = Path(os.environ.get("CHAOS_LOGS") or folder)
        logs.mkdir(parents=True, exist_ok=True)
        site = Site(logs, environment)
        uploaders = [Uploader(site.address, name, PASSWORD, dice.random()) for name in PEOPLE]
        troubles = Troubles(site, segmind, dice, database=database, disk=disk, restart=restart)
        try:
            while not site.is_up():
                time.sleep(0.1)
            for uploader in uploaders:
                uploader.start()
            troubles.last(seconds)
            moody.is_calm = True
            for uploader in uploaders:
                uploader.stopping.set()
                uploader.join()
            quiet = verdict.wait_for_quiet()
            promised = {digest for uploader in uploaders for digest in uploader.promised}
            found = verdict.judge(promised, segmind, moody.exchanges, troubles.kills, site.processes)
        finally:
            for process in site.processes:
                process.kill()
    report(found, troubles, uploaders, len(promised), len(moody.exchanges), quiet)
    return found.is_good


def report(
    found: verdict.Verdict, troubles: Troubles, uploaders: list[Uploader], promised: int, exchanges: int, quiet: float
) -> None:
    rows = {
        "files uploaded": sum(uploader.attempts for uploader in uploaders),
        "refused with a reason": sum(uploader.refused for uploader in uploaders),
        "promised": promised,
        "requests that stored": exchanges,
        **dict(sorted(troubles.counts.items())),
        "quiet after": f"{quiet:.0f} s",
        "slowest SIGTERM": f"{troubles.slowest_end:.1f} s",
        **{name.replace("_", " "): count for name, count in asdict(found).items()},
    }
    for name, figure in rows.items():
        print(f"{name:24}{figure:>8}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", default="", help="a command that restarts the PostgreSQL server")
    options = parser.parse_args()
    server = os.environ.get("DATABASE_URL", "")
    with (
        a_disk() as (folder, is_mounted),
        a_database("" if server.startswith("sqlite") else server, folder) as database,
    ):
        print(f"Seed {options.seed}, {options.seconds:g} seconds, {database.partition(':')[0]}.")
        if not is_mounted:
            print("The disk is never full: only root can mount a small one.")
        if server and not options.restart:
            print("The database is never restarted: no --restart command.")
        disk = folder if is_mounted else None
        is_good = run(options.seconds, options.seed, options.restart, folder, disk, database)
    print("Nothing lost, nothing wrong." if is_good else "FAILED: see the figures above that are not 0.")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
