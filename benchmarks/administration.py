"""What the lists of the admin are measured with: an administrator, upload requests, and the URLs to request.

    python -m benchmarks.administration

adds the first two to a library that the generator has filled, unless they are there.
"""

import itertools
import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import django

from benchmarks import spread
from benchmarks.pages import JSON, Browser

ADMINISTRATOR = "root"
BATCH = 5000
FILES_OF_A_REQUEST = 25
# One request in so many was first refused, because of the rate limit or because the server was unavailable.
REFUSED = 20
SECONDS_OF_A_REQUEST = 2
KEYS = ("5d41402abc4b", "7d793037a076")

FILES, ASSETS, REQUESTS, AUDIT = "assets/storedfile", "assets/asset", "assets/uploadrequest", "auditlog/logentry"


# --- Rows ---------------------------------------------------------------------------------------------------------


def fill() -> None:
    from django.contrib.auth import get_user_model

    from assets.models import StoredFile, UploadRequest

    if not get_user_model().objects.filter(username=ADMINISTRATOR).exists():
        get_user_model().objects.create_superuser(ADMINISTRATOR, password=os.environ["BENCH_PASSWORD"])
    if UploadRequest.objects.exists():
        return
    stored = StoredFile.objects.stored().oldest_first().values_list("pk", "size", "created_at").iterator(BATCH)
    numbers = itertools.count()
    while rows := list(itertools.islice(stored, BATCH)):
        _insert(
            [rows[start : start + FILES_OF_A_REQUEST] for start in range(0, len(rows), FILES_OF_A_REQUEST)], numbers
        )


def _insert(groups: list[list[Any]], numbers: Iterator[int]) -> None:
    from assets.models import UploadRequest

    requests, links, through = [], [], UploadRequest.files.through
    for group in groups:
        made = list(_make_requests(group, next(numbers)))
        requests += made
        links += [through(uploadrequest_id=made[-1].pk, storedfile_id=pk) for pk, _, _ in group]
    UploadRequest.objects.bulk_create(requests)
    through.objects.bulk_create(links)


def _make_requests(group: list[Any], number: int) -> Iterator[Any]:
    """The request that stored these files, sometimes after one that was refused."""
    from assets.models import Outcome, UploadRequest

    *_, (_, _, ends) = group
    fields = {
        "file_count": len(group),
        "body_bytes": sum(size for _, size, _ in group) * 4 // 3,
        "worker": f"web-{number % 3}",
        "key_fingerprint": KEYS[number % 100 == 0],
    }
    lasting = timedelta(seconds=SECONDS_OF_A_REQUEST)
    if number % REFUSED == 0:
        outcome = Outcome.RATE_LIMITED if number % (2 * REFUSED) else Outcome.UNAVAILABLE
        begins = ends - timedelta(minutes=1)
        moments = {"started_at": begins, "lease_expires_at": begins, "finished_at": begins + lasting}
        yield UploadRequest(outcome=outcome, status=429, message="Too many requests.", **moments, **fields)
    moments = {"started_at": ends - lasting, "lease_expires_at": ends, "finished_at": ends}
    yield UploadRequest(outcome=Outcome.STORED, status=200, **moments, **fields)


# --- URLs ---------------------------------------------------------------------------------------------------------


def pages(browser: Browser) -> dict[str, str]:
    """The URL of each list, search and filter, by the name of its case."""
    known = spread.Spread(0)
    person, rare_person = (_id_of(browser, "owner", name) for name in ("person0", "person39"))
    collection, tag = (
        _id_of(browser, "collections", known.collections[5][0]),
        _id_of(browser, "tags", known.tags[20]),
    )
    asset = json.loads(browser.get("/?q=is:stored%20type:image", JSON))["assets"][0]
    url, sha256 = asset["url"], asset["sha256"]
    file = re.search(rf"/admin/{FILES}/[^/]+/change/", browser.get(_url(FILES, q=sha256)).decode())
    words = {
        "a word of 20": spread.FEW,
        "a rare word": spread.RARE,
        "a common word": spread.COMMON,
        "a word that nothing has": "qqqwwweee",
        "a URL": url,
        "the beginning of a URL": url[:-8],
        "a hash": sha256,
        "the beginning of a hash": sha256[:12],
        "a person": "by:person3",
    }
    dates = {
        "a year": {"created_at__year": 2024},
        "a month": {"created_at__year": 2025, "created_at__month": 5},
        "a day": {"created_at__year": 2025, "created_at__month": 5, "created_at__day": 5},
    }
    found = {
        "overview": "/admin/",
        "page of a file": file[0] if file else "",
        "page of an asset": f"/admin/{ASSETS}/{asset['id']}/change/",
    }
    lists = {
        FILES: {
            "": {},
            "page 10": {"p": 10},
            **{f"state {state}": {"state__exact": state} for state in ("stored", "queued", "sending", "failed")},
            **{f"link {link}": {"link_status__exact": link} for link in ("verified", "broken", "changed")},
            "URL with an e-mail address": {"url_has_address__exact": 1},
            **{f"kind {kind}": {"kind": kind} for kind in ("image", "other")},
            **{f"size {size}": {"size": size} for size in ("small", "large", "huge")},
            "person with many": {"owner": person},
            "person with few": {"owner": rare_person},
            "collection": {"collection": collection},
            "person, kind and size": {"owner": rare_person, "kind": "other", "size": "huge"},
            **dates,
            **{f"search {name}": {"q": text} for name, text in words.items()},
        },
        ASSETS: {
            "": {},
            "page 10": {"p": 10},
            "in the trash": {"trash": "yes"},
            "private": {"visibility": "private"},
            **{
                f"state {state}": {"stored_file__state__exact": state}
                for state in ("stored", "queued", "sending", "failed")
            },
            **{f"link {link}": {"stored_file__link_status__exact": link} for link in ("verified", "broken", "changed")},
            **{f"kind {kind}": {"kind__exact": kind} for kind in ("image", "other")},
            **{f"size {size}": {"size": size} for size in ("small", "large", "huge")},
            "person with many": {"owner": person},
            "person with few": {"owner": rare_person},
            "collection": {"collection": collection},
            "tag": {"tag": tag},
            "person, state and kind": {
                "owner": rare_person,
                "stored_file__state__exact": "failed",
                "kind__exact": "other",
            },
            "by title": {"o": 2},
            "by size": {"o": -8},
            **dates,
            **{f"search {name}": {"q": text} for name, text in words.items()},
        },
        REQUESTS: {
            "": {},
            "outcome unavailable": {"outcome__exact": "unavailable"},
            "outcome rejected": {"outcome__exact": "rejected"},
            "key": {"key": KEYS[1]},
            "a month": {"started_at__year": 2025, "started_at__month": 5},
            "search a message": {"q": "too many"},
            "search a message that was never said": {"q": "qqqwwweee"},
            "search a URL": {"q": url},
        },
        "assets/tag": {"": {}, "search a name": {"q": known.tags[20][:4]}},
        "assets/collection": {"": {}, "search a name": {"q": known.collections[5][0]}},
        AUDIT: {
            "": {},
            "page 10": {"p": 10},
            "removed": {"change": 2},
            "about tags": {"type": "tag"},
            "person with many": {"person": person},
            "person with few": {"person": rare_person},
            "a month": {"timestamp__year": 2025, "timestamp__month": 5},
            "search a person": {"q": "person0"},
            "search a word of 20": {"q": spread.FEW},
            "search a common word": {"q": spread.COMMON},
            "search a word that nothing has": {"q": "qqqwwweee"},
            "search an asset": {"q": asset["id"]},
            "search a URL": {"q": url},
        },
    }
    for name, cases in lists.items():
        noun = name.partition("/")[2]
        found |= {f"{noun} {case}".strip(): _url(name, **parameters) for case, parameters in cases.items()}
    return {f"admin: {name}": url for name, url in found.items()}


def _url(name: str, **parameters: Any) -> str:
    return f"/admin/{name}/?{urlencode(parameters)}"


def _id_of(browser: Browser, field: str, name: str) -> str:
    """The id of a person, tag or collection, as the field that completes names finds it."""
    wanted = {"app_label": "assets", "model_name": "asset", "field_name": field, "term": name}
    results = json.loads(browser.get(f"/admin/autocomplete/?{urlencode(wanted)}", JSON))["results"]
    return next(result["id"] for result in results if result["text"].rpartition("/")[2] == name)


if __name__ == "__main__":
    django.setup()
    fill()
