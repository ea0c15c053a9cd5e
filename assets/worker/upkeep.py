"""Shows that the worker lives, and looks for work that nobody does."""

import itertools
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.db.models import Exists
from django.utils import timezone

from assets import maintenance, quarantine, trash
from assets.accounts import devices, mails
from assets.catalogue import sync
from assets.delivery.run import plan_delivery
from assets.delivery.verify import find_lost_verifications, unverified
from assets.generations import keep, read
from assets.links.schedule import plan_link_checks
from assets.models import (
    KeptAnswer,
    ReferenceSet,
    StoredFile,
    Tag,
    UndoStep,
    UploadRequest,
    Webhook,
    WorkerHeartbeat,
    clock,
    tasks,
)
from assets.models.clock import future_rows
from assets.previews.render import find_lost_previews, without_preview
from assets.uploads import incoming, resumable
from assets.webhooks import deliver as webhooks
from assets.worker.clock import correct_future
from assets.worker.process_lock import show_life
from assets.worker.recovery import Watch, recover, recover_dead_neighbours
from assets.worker.tasks import TROUBLE

logger = logging.getLogger(__name__)

# Each round has a heartbeat, and one query that finds whether there is lost work.
ROUND_SECONDS = 5
ROUNDS_TO_RECOVERY = 6
ROUNDS_TO_RARE_WORK = 12
TAGS_AT_ONCE = 100


class Upkeep(threading.Thread):
    def __init__(self, worker: str, stopping: threading.Event) -> None:
        super().__init__(name="upkeep round", daemon=True)
        self._worker = worker
        self._stopping = stopping
        self._watch = Watch()
        self._last_tag = ""

    def run(self) -> None:
        self._survive(lambda: plan_delivery(timezone.now()))
        for number in itertools.count():
            self._survive(self._beat)
            if number % ROUNDS_TO_RECOVERY == 0:
                self._survive(lambda: recover(self._worker, self._watch))
            self._survive(self._find_lost_work)
            if number % ROUNDS_TO_RARE_WORK == 0:
                self._survive(do_rare_work)
                self._survive(self._count_uses_of_tags)
            if self._stopping.wait(ROUND_SECONDS):
                return
            show_life(self._worker)

    def _beat(self) -> None:
        WorkerHeartbeat.objects.beat(self._worker, timezone.now())
        recover_dead_neighbours(self._worker)

    def _count_uses_of_tags(self) -> None:
        """Those of a few tags each time."""
        self._last_tag = Tag.objects.refresh_use_counts(after=self._last_tag, limit=TAGS_AT_ONCE)

    def _find_lost_work(self) -> None:
        now = timezone.now()
        may_be_lost = [
            StoredFile.objects.waiting(), UploadRequest.objects.abandoned(now), unverified(now), without_preview(now),
            Webhook.objects.due(now), *future_rows(now),
        ]  # fmt: skip
        looks = WorkerHeartbeat.objects.filter(worker=self._worker).values_list(*map(Exists, may_be_lost))
        if any(looks.first() or ()):
            find_lost_work(now)

    def _survive(self, work: Callable[[], object]) -> None:
        try:
            work()
            return
        except TROUBLE as error:
            logger.warning("The worker is waiting for the database or the disk: %s", error)
        except Exception:
            logger.exception("A round of upkeep failed; the next one tries again")
        connection.close()


def find_lost_work(now: datetime) -> None:
    """Enqueue what follows from the state of rows, whatever has become of earlier tasks and of the clock."""
    if any(rows.exists() for rows in future_rows(now)):
        correct_future(now)
        plan_delivery(now)
    if maintenance.is_queue_unplanned(now):
        plan_delivery(now)
    find_lost_verifications(now)
    find_lost_previews(now)
    webhooks.plan(now)


def do_rare_work() -> None:
    now = timezone.now()
    for path in incoming.find_abandoned():
        incoming.remove(path)
    if not clock.was_set():  # what is deleted because of a wrong date is lost
        trash.delete_expired(now)
        quarantine.empty(now)
        tasks.prune(now)
        UndoStep.objects.expired(now).delete()
        KeptAnswer.objects.expired(now).delete()
        ReferenceSet.objects.expired(now).delete()
        resumable.delete_expired(now)
        devices.forget_ended()
        mails.send_due(now)
        webhooks.end_late(now)
    plan_link_checks(now)
    sync.plan(now)
    read.plan(now)
    keep.plan(now)
