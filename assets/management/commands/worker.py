import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from django.core.management.base import BaseCommand, CommandParser

from assets.worker.run import run_due_tasks, run_until
from segmind_site.env import hide_secrets


class Command(BaseCommand):
    help = "Send files to Segmind, make previews and check links, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="run what is due, then exit")

    def handle(self, *args: object, batch: bool, **options: object) -> None:
        if batch:
            run_due_tasks()
            return
        hide_secrets()  # manage.py has done so, django-admin has not
        self.stdout.write("The worker is running.")
        run_until_signal()
        self.stdout.write("The worker has stopped.")


def run_until_signal() -> None:
    """Run the worker in a thread of its own, until SIGTERM or SIGINT.

    A signal only writes to a pipe: a handler that set the event could meet its lock held by the very thread that it
    interrupts, and the worker would never stop.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    stopping = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as executor:
        worker = executor.submit(run_until, stopping)
        worker.add_done_callback(lambda _: os.write(writer, b"\0"))
        os.read(reader, 1)
        stopping.set()
        worker.result()
