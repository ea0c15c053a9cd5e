"""Looking at the stored URLs of one host, one after the other, at a pace that harms nobody.

A host that answers nothing, or refuses everything, is left alone for a while, and none of its links is called broken
for that: 403 counts against a link only while the host serves another file, 404 and 410 are its word on that one file,
and everything else says nothing of the link.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from assets import originals
from assets.links import fetch, policy
from assets.links.compare import compare
from assets.models import LinkHost, LinkStatus, StoredFile

logger = logging.getLogger(__name__)

RENEW_AFTER = 10  # seconds
MOST_UNREACHABLE = 3  # in a row, before it is asked whether the host is away
# Verified files that are asked for to find that out.
WITNESSES = 3
# So many refusals are believed for one file that the host has served.
REFUSALS_BELIEVED = 20


class VisitEndedError(Exception):
    """The host answers for no file at all, or somebody else has taken it over."""


class Visit:
    """One host, which only `holder` asks now."""

    def __init__(self, host: str, holder: str) -> None:
        self.host = host
        self._holder = holder
        self._pace = fetch.Pace(settings.LINK_REQUESTS_PER_SECOND)
        self._renewed = time.monotonic()
        self._unreachable = 0
        self._refusals_believed = 0
        self._is_away = False

    def look_at(self, file: StoredFile) -> None:
        """Look at a link, and note what was found. Raises VisitEndedError where it was to be the last one."""
        self._renew()
        finding = self._finding(file)
        self._note(file, finding)
        self._unreachable = self._unreachable + 1 if finding == LinkStatus.UNREACHABLE else 0
        if self._unreachable == MOST_UNREACHABLE:
            self._unreachable = 0
            if not self._serves_another(file):
                self._is_away = True
                raise VisitEndedError

    def rest(self, seconds: float) -> None:
        """Ask nothing for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, RENEW_AFTER))
            self._renew()

    def end(self) -> None:
        """Let others ask the host: soon, or after a pause that grows where it was away."""
        failures = 0
        if self._is_away:
            failures = LinkHost.objects.get(name=self.host).failures + 1
            logger.warning("%s does not answer for its files; it is left alone for a while", self.host)
        pause = policy.pause_of_host(failures) + timedelta(seconds=self._pace.gap)
        LinkHost.objects.release(self._holder, timezone.now() + pause, failures=failures)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > RENEW_AFTER:
            if not LinkHost.objects.renew(self._holder, timezone.now()):
                raise VisitEndedError
            self._renewed = time.monotonic()

    def _finding(self, file: StoredFile) -> LinkStatus:
        try:
            if not compare(file, pace=self._pace):
                return LinkStatus.CHANGED
        except fetch.RefusedError:
            return LinkStatus.BROKEN if self._refusal_is_about(file) else LinkStatus.UNREACHABLE
        except fetch.GoneError:
            return LinkStatus.BROKEN
        except fetch.UnreachableError:
            return LinkStatus.UNREACHABLE
        self._refusals_believed = REFUSALS_BELIEVED
        return LinkStatus.VERIFIED

    def _refusal_is_about(self, file: StoredFile) -> bool:
        """Whether a host that refuses this file serves others."""
        if not self._refusals_believed and self._serves_another(file):
            self._refusals_believed = REFUSALS_BELIEVED
        is_believed = self._refusals_believed > 0
        self._refusals_believed -= is_believed
        return is_believed

    def _serves_another(self, file: StoredFile) -> bool:
        known = StoredFile.objects.at_host(self.host).filter(link_status=LinkStatus.VERIFIED).exclude(pk=file.pk)
        # About those that were verified last, at the end of the index.
        return any(self._serves(witness) for witness in known.order_by("-link_check_at")[:WITNESSES])

    def _serves(self, file: StoredFile) -> bool:
        try:
            return compare(file, pace=self._pace)
        except (fetch.GoneError, fetch.UnreachableError):
            return False

    def _note(self, file: StoredFile, finding: LinkStatus) -> None:
        now = timezone.now()
        look = policy.seen(file, finding, now)
        file.link_status, file.link_finding, file.link_looks = look.status, look.finding, look.times
        if StoredFile.objects.filter(pk=file.pk, url=file.url).record_look(look, now):
            originals.drop_if_done(file)
