"""The design system on one page: each component in each state, drawn by the templates that the pages use."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assets import permissions
from assets.bulk.forms import BulkForm
from assets.bulk.run import ActionResult
from assets.library.columns import COLUMNS, USUAL, build_headings
from assets.library.edits import Conflict
from assets.models import Asset, LinkStatus, State, StoredFile, User
from assets.models.cards import Card
from assets.models.links import TROUBLED
from assets.permissions import AuthHttpRequest
from assets.search.addresses import ListAddress
from assets.search.menus import build_menus
from assets.search.results import Listing, Page
from assets.search.timeline import group_cards
from assets.styleguide import contrast
from assets.uploads.acceptance import describe_accepted
from assets.uploads.forms import UploadForm

MOVIE, SOUND, PAPER = "video/mp4", "audio/mpeg", "application/pdf"
URL = "https://images.segmind.com/assets/made-up"


@require_safe
def styleguide(request: AuthHttpRequest) -> HttpResponse:
    """For whoever works on the look: there while developing, and nowhere else."""
    if not settings.DEBUG:
        raise Http404
    form = UploadForm({"title": "t" * 201, "tags": "x" * 300, "visibility": "nobody"})
    bulk = BulkForm({"action": "trash", "all": "1"})
    bulk.full_clean()
    listing = Listing.from_parameters({}, request.user)
    wall = [*_pictures(request), *map(Card.from_asset, _samples(request.user))]
    context = {
        **_colours(),
        "assets": _samples(request.user),
        "groups": [(False, group_cards(listing, Page(wall, None, None)))],
        "rows": [*map(Card.from_asset, _samples(request.user))],
        "listing": listing,
        "cards": wall,
        "next": None,
        "previous": None,
        "is_added_before": False,
        "is_added": False,
        "has_timeline": False,
        "open_group": "",
        "live": request.path,
        "layout": "medium",
        "columns": USUAL,
        "headings": build_headings(listing, ListAddress(request.path), USUAL),
        "all_columns": COLUMNS,
        "trash": "",
        "menus": build_menus(listing.with_text("type:image"), ListAddress(request.path)),
        "states": State.choices,
        "link_states": [(status, LinkStatus(status).label) for status in TROUBLED],
        "fields": UploadForm(auto_id="plain_%s"),
        "wrong": form,
        "conflicts": {"title": Conflict("title", "Title", "Sea at dawn", "ben", timezone.now())},
        "bulk": bulk,
        "selected": 15,
        "seen": "",
        "since": timezone.now(),
        "is_as_previewed": True,
        "is_dialog": False,
        "return_url": "",
        "result": ActionResult(changed=12, unchanged=2, not_allowed=1),
        "texts": None,
        "reasons": ["One of the selected assets has an invalid id. Select them again."],
        "accepted": describe_accepted(),
    }
    return render(request, "styleguide/styleguide.html", context)


def _colours() -> dict[str, Any]:
    path = finders.find("css/tokens.css")
    found = contrast.roles(Path(str(path)).read_text())
    pairs = [(pair, *contrast.contrasts(pair, found)) for pair in contrast.PAIRS]
    return {"roles": found, "pairs": pairs}


def _samples(owner: User) -> list[Asset]:
    """Entries of every kind and in every state, of no library."""
    stored = {"state": State.STORED, "url": URL}
    return [
        _sample(owner, "Verified", **stored, link_status=LinkStatus.VERIFIED),
        _sample(owner, "Stored, not yet looked at", **stored),
        _sample(owner, "Waiting", state=State.QUEUED),
        _sample(owner, "On its way", state=State.SENDING),
        _sample(owner, "Failed", state=State.FAILED, error="Segmind refused the file: unsupported colour space."),
        *(_sample(owner, f"Link {status}", **stored, link_status=status) for status in TROUBLED),
        _sample(owner, "Private", visibility="private", **stored),
        _sample(owner, "Animated", media_type="image/gif", is_animated=True, **stored),
        _sample(owner, "Film", media_type=MOVIE, duration=754.0, **stored),
        _sample(owner, "Sound", media_type=SOUND, duration=7.0, **stored),
        _sample(owner, "Paper", media_type=PAPER, **stored),
        _sample(owner, "A title that is longer than any card is wide, because a camera gave it", **stored),
    ]


def _sample(owner: User, title: str, *, visibility: str = "team", **fields: Any) -> Asset:
    file = StoredFile(**({"media_type": "image/png", "size": 1_234_567} | fields))
    return Asset(
        owner=owner,
        stored_file=file,
        title=title,
        kind=file.kind,
        size=file.size,
        visibility=visibility,
        created_at=timezone.now(),
    )


def _pictures(request: AuthHttpRequest) -> list[Card]:
    """Of the library itself, because a picture that is made up is nowhere to be had."""
    shown = permissions.visible_assets(request).current().exclude(stored_file__preview="")
    return [Card.from_asset(asset) for asset in shown.with_details(request.user).newest_first()[:4]]
