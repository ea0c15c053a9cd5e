import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assets.worker.run import run_due_tasks, run_until


class Command(BaseCommand):
    help = "Send files to Segmind and make previews, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="run what is due, then exit")

    def handle(self, *args: Any, batch: bool, **options: Any) -> None:
        if batch:
            run_due_tasks()
            return
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write("The worker waits for files.")
        run_until(stopping)
        self.stdout.write("The worker has stopped.")
