"""The promises, under any order of uploads, workers, crashes and faults, found by Hypothesis.

Nothing received is lost; a content that was answered for is never sent again; the rate is kept, as the server
sees it; no file fails for a neighbour's fault.
"""

import hashlib
import itertools
import os
from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from assets.delivery import run
from assets.delivery.lease import Exchange
from assets.delivery.requeue import retry
from assets.models import DeliveryRun, Outcome, State, StoredFile, UploadRequest
from assets.originals import DAMAGED
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import receive_upload
from tests.support import replies
from tests.support.factories import a_file_of, a_user, damage
from tests.support.segmind_server import SegmindServer

pytestmark = pytest.mark.slow

LIMIT = 2
FAULTS = {
    "500": replies.error(500),
    "empty 502": replies.raw(502, b""),
    "reset": replies.hangs_up,
    "lost answer": replies.cuts_after_storing,
    "not JSON": replies.raw(200, b"<h1>ok</h1>"),
    "too few URLs": replies.one_url_less,
    "foreign URL": replies.urls("https://evil.example/1"),
    "429": replies.error(429, retry_after="5"),
    "401": replies.error(401),
    "406": replies.error(406, "Insufficient credits"),
    "413": replies.raw(413, b"<h1>too large</h1>"),
    "redirect": replies.raw(302, b"", location="/"),
}


class Promises(RuleBasedStateMachine):
    """Workers are played step by step, so that one can die between any two of them."""

    @initialize()
    def start(self) -> None:
        self.segmind = SegmindServer().__enter__()
        self.overridden = override_settings(
            SEGMIND_UPLOAD_URL=self.segmind.upload_url,
            SEGMIND_REQUESTS_PER_MINUTE=LIMIT,
            SEGMIND_MAX_REQUEST_FILES=3,
            SEGMIND_MAX_REQUEST_BYTES=4000,
        )
        self.overridden.enable()
        self.owner = a_user()
        self.contents: dict[str, bytes] = {}
        self.bad: set[bytes] = set()
        self.rotten: set[str] = set()
        self.held: list[Exchange] = []
        self.segmind.always = self.answer
        self.numbers = itertools.count()

    def answer(self, handler, received) -> None:
        """Segmind as it should be: refuses what has a bad file in it, stores everything else."""
        if any(content in self.bad for _, content in received.files):
            handler.answer(400, {"error": "Invalid file"})
        else:
            replies.stored(handler, received)

    @rule(size=st.integers(40, 3000), bad=st.booleans())
    def upload(self, size: int, bad: bool) -> None:
        content = a_file_of(size)
        self.receive(content)
        if bad and len(self.bad) < 2:
            self.bad.add(content)

    @rule(number=st.integers(0, 30))
    def upload_again(self, number: int) -> None:
        if self.contents:
            self.receive(list(self.contents.values())[number % len(self.contents)])

    def receive(self, content: bytes) -> None:
        with HashedFile(f"{next(self.numbers)}.pdf") as file:
            file.append(content)
            file.complete()
            receive_upload(file, owner=self.owner)
        sha256 = hashlib.sha256(content).hexdigest()
        self.contents[sha256] = content
        self.rotten.discard(sha256)

    @rule(number=st.integers(0, 30))
    def a_disk_rots(self, number: int) -> None:
        """Until the same file is uploaded again."""
        healthy = sorted(set(self.contents) - self.rotten)
        if healthy:
            sha256 = healthy[number % len(healthy)]
            damage(StoredFile.objects.get(sha256=sha256))
            self.rotten.add(sha256)

    @rule()
    def a_worker_claims(self) -> None:
        exchange = run.claim_next()
        if exchange is not None:
            self.held.append(exchange)

    @rule(fault=st.none() | st.sampled_from(sorted(FAULTS)))
    def a_worker_sends(self, fault: str | None) -> None:
        if self.held:
            if fault:
                self.segmind.script.append(FAULTS[fault])
            run.send(self.held.pop(0))
            self.segmind.script.clear()

    @rule(times=st.integers(1, 4))
    def a_worker_works(self, times: int) -> None:
        for _ in range(times):
            self.a_worker_claims()
            self.a_worker_sends(None)

    @rule()
    def a_worker_dies(self) -> None:
        if self.held:
            self.held.pop()

    @rule(seconds=st.sampled_from([3, 30, 62, 400]))
    def time_passes(self, seconds: int) -> None:
        """For every row alike, which is the same as the clock going on."""
        passed = timedelta(seconds=seconds)
        for row in UploadRequest.objects.all():
            for name in ("started_at", "lease_expires_at", "finished_at", "retry_at"):
                if getattr(row, name):
                    setattr(row, name, getattr(row, name) - passed)
            row.save()
        for file in StoredFile.objects.all():
            StoredFile.objects.filter(pk=file.pk).update(
                next_attempt_at=file.next_attempt_at - passed, queued_at=file.queued_at - passed
            )
        DeliveryRun.objects.all().delete()

    @rule()
    def a_person_retries(self) -> None:
        retry(StoredFile.objects.all())

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "contents"):
            return
        rows = {file.sha256: file for file in StoredFile.objects.all()}
        assert set(rows) == set(self.contents)
        for file in rows.values():
            assert file.state == State.STORED or file.original.storage.exists(file.original.name)

    @invariant()
    def a_stored_file_has_its_own_url(self) -> None:
        if hasattr(self, "contents"):
            for file in StoredFile.objects.filter(state=State.STORED):
                _, content = self.segmind.stored[file.url.removeprefix(self.segmind.address)]
                assert hashlib.sha256(content).hexdigest() == file.sha256

    @invariant()
    def the_rate_is_kept(self) -> None:
        window = timedelta(seconds=60)
        starts = sorted(UploadRequest.objects.values_list("started_at", flat=True))
        for first, last in zip(starts, starts[LIMIT:], strict=False):
            assert last - first >= window

    @invariant()
    def nobody_fails_for_a_neighbour(self) -> None:
        if hasattr(self, "bad"):
            for file in StoredFile.objects.failed():
                content = self.contents[file.sha256]
                reasons = ("too large", "Failed after", DAMAGED if file.sha256 in self.rotten else "Failed after")
                assert content in self.bad or any(reason in file.error for reason in reasons)

    @invariant()
    def only_what_was_received_reaches_segmind(self) -> None:
        if hasattr(self, "contents"):
            assert set(self.segmind.contents) <= set(self.contents)

    def teardown(self) -> None:
        if not hasattr(self, "segmind"):
            return
        try:
            self.bring_to_its_end()
        finally:
            self.overridden.disable()
            self.segmind.__exit__()
            for file in StoredFile.objects.all():
                file.original.storage.delete(file.original.name)
        assert self.segmind.violations == []

    def bring_to_its_end(self) -> None:
        """With no more faults, everything good ends with a URL, and what was sent twice is in the ledger."""
        self.held.clear()
        for sha256 in list(self.rotten):
            self.receive(self.contents[sha256])
        for _ in range(200):
            retry(StoredFile.objects.filter(state=State.FAILED).exclude(error__contains="Invalid file"))
            if not StoredFile.objects.unfinished().exists():
                break
            self.time_passes(700)
            self.a_worker_claims()
            self.a_worker_sends(None)
        for file in StoredFile.objects.all():
            expected = State.FAILED if self.contents[file.sha256] in self.bad else State.STORED
            assert file.state == expected, (file.state, file.error)
        traced = UploadRequest.objects.filter(outcome__in=[Outcome.UNKNOWN, Outcome.STORED])
        for digest in set(self.segmind.contents):
            times = self.segmind.contents.count(digest)
            assert times <= traced.filter(files__sha256=digest).count()


class TestPromises(TransactionTestCase):
    """One database for each example: what an example leaves is taken away before the next."""

    def test_the_promises_hold_whatever_happens(self) -> None:
        class Clean(Promises):
            def teardown(self) -> None:
                try:
                    super().teardown()
                finally:
                    TestPromises._fixture_teardown(test)

        test = self
        run_state_machine_as_test(
            Clean,
            settings=settings(
                max_examples=int(os.environ.get("PROMISES", "25")),
                stateful_step_count=30,
                suppress_health_check=list(HealthCheck),
            ),
        )
