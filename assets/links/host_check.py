"""Checks the links of one host, one after the other, at a rate that does no harm.

A host that answers nothing, or refuses everything, is left alone for a while, and none of its links is called broken
because of that. 403 counts against a link only while the host serves another file; 404 and 410 are about that one
file; anything else says nothing about the link.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from assets import originals
from assets.links import fetch, policy
from assets.links.compare import is_served
from assets.models import LinkHost, LinkStatus, StoredFile, UploadRequest

logger = logging.getLogger(__name__)

RENEW_AFTER = 10  # seconds
MAX_UNREACHABLE = 3  # in a row, before the host is tested with other files
MAX_TEST_FILES = 3
# How many refusals count after the host has served a file.
MAX_REFUSALS = 20


class HostCheckEndedError(Exception):
    """The host is unavailable, or was taken over by another worker."""


class HostCheck:
    """A check of one host, which only `holder` contacts for now."""

    def __init__(self, host: str, holder: str) -> None:
        self.host = host
        self._holder = holder
        self._throttle = fetch.Throttle(settings.LINK_REQUESTS_PER_SECOND)
        self._renewed_at = time.monotonic()
        self._unreachable = 0
        self._refusals_left = 0
        self._is_unavailable = False

    def check(self, file: StoredFile) -> None:
        """Check a link and record the result. Raises HostCheckEndedError if no other is to be checked."""
        self._renew()
        result = self._fetch_result(file)
        self._record(file, result)
        self._unreachable = self._unreachable + 1 if result == LinkStatus.UNREACHABLE else 0
        if self._unreachable == MAX_UNREACHABLE:
            self._unreachable = 0
            if not self._has_another_served(file):
                self._is_unavailable = True
                raise HostCheckEndedError

    def wait(self, seconds: float) -> None:
        """Keep the host for this long without a request."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, RENEW_AFTER))
            self._renew()

    def release(self) -> None:
        """Let others contact the host: soon, or after a growing pause if it was unavailable."""
        failures = 0
        if self._is_unavailable:
            failures = LinkHost.objects.get(name=self.host).failures + 1
            logger.warning("%s does not answer for its files; it is left alone for a while", self.host)
        pause = policy.host_pause(failures) + timedelta(seconds=self._throttle.gap)
        LinkHost.objects.release(self._holder, timezone.now() + pause, failures=failures)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at > RENEW_AFTER:
            if not LinkHost.objects.renew(self._holder, timezone.now()):
                raise HostCheckEndedError
            self._renewed_at = time.monotonic()

    def _fetch_result(self, file: StoredFile) -> LinkStatus:
        try:
            if not is_served(file, whole=_has_lookalike(file), throttle=self._throttle):
                return LinkStatus.CHANGED
        except fetch.RefusedError:
            return LinkStatus.BROKEN if self._is_only_this_refused(file) else LinkStatus.UNREACHABLE
        except fetch.GoneError:
            return LinkStatus.BROKEN
        except fetch.UnreachableError:
            return LinkStatus.UNREACHABLE
        self._refusals_left = MAX_REFUSALS
        return LinkStatus.VERIFIED

    def _is_only_this_refused(self, file: StoredFile) -> bool:
        if not self._refusals_left and self._has_another_served(file):
            self._refusals_left = MAX_REFUSALS
        if not self._refusals_left:
            return False
        self._refusals_left -= 1
        return True

    def _has_another_served(self, file: StoredFile) -> bool:
        verified = StoredFile.objects.at_host(self.host).filter(link_status=LinkStatus.VERIFIED).exclude(pk=file.pk)
        # Mostly those that were verified last, at the end of the index.
        return any(map(self._is_served, verified.order_by("-link_check_at")[:MAX_TEST_FILES]))

    def _is_served(self, file: StoredFile) -> bool:
        try:
            return is_served(file, throttle=self._throttle)
        except (fetch.GoneError, fetch.UnreachableError):
            return False

    def _record(self, file: StoredFile, result: LinkStatus) -> None:
        now = timezone.now()
        check = policy.apply_result(file, result, now)
        file.link_status, file.link_finding, file.link_looks = check.status, check.result, check.repeats
        if StoredFile.objects.filter(pk=file.pk, url=file.url).record_link_check(check, now):
            originals.drop_if_done(file)


def _has_lookalike(file: StoredFile) -> bool:
    """Whether its URL may be that of another file, which has the same length and may have the same ends.

    That can be until the URLs of their request are verified.
    """
    if file.link_status == LinkStatus.VERIFIED:
        return False
    unverified = UploadRequest.objects.filter(files=file, verify_at__isnull=False)
    return StoredFile.objects.filter(requests__in=unverified, size=file.size).exclude(pk=file.pk).exists()
