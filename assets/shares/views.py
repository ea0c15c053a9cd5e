"""Making links for people without an account, and looking after them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets import permissions
from assets.audit.log import record_changes
from assets.models import Share, ShareItem
from assets.models.page_queries import Cursor
from assets.permissions import AuthHttpRequest
from assets.search.pagination import NEWEST
from assets.shares import access, links, sources
from assets.shares.access import ShareState
from assets.shares.forms import NewShareForm, SettingsForm
from assets.shares.sources import Source
from assets.text.formats import MAX_COUNTED, format_count, plural
from assets.web.responses import errors_json, redirect_back, render_dialog, return_url, wants_json

PAGE_SIZE = 50
MAX_EXAMPLES = 6


@dataclass(frozen=True)
class ShareRow:
    """A share as a person sees it who may revoke it. `link` is empty where they may not open it."""

    share: Share
    state: ShareState
    link: str
    is_own: bool

    @property
    def name(self) -> str:
        return self.share.name if self.is_own or not self.share.is_private else "Private assets"

    @property
    def shows(self) -> str:
        """`12 assets`, `Collection Trips, with what is added later`."""
        if self.share.includes_later:
            collection = self.share.collection
            name = collection and (collection.path if self.is_own else str(collection))
            return f"Collection {name}, with what is added later" if name else "A deleted collection"
        count = format_count(getattr(self.share, "item_count", 0))
        return f"{count} {plural(count, 'asset', 'assets')}"

    def as_json(self) -> dict[str, object]:
        share = self.share
        return {
            "id": str(share.pk),
            "name": self.name,
            "link": self.link or None,
            "state": self.state,
            "created_by": share.created_by.get_username(),
            "created_at": share.created_at.isoformat(),
            "expires_at": share.expires_at and share.expires_at.isoformat(),
            "has_password": bool(share.password),
            "shows_urls": share.shows_urls,
            "allows_downloads": share.allows_downloads,
            "includes_later": share.includes_later,
            "views": share.views,
            "last_viewed_at": share.last_viewed_at and share.last_viewed_at.isoformat(),
            "page": share.get_absolute_url(),
        }


def make_row(request: AuthHttpRequest, share: Share, now: datetime) -> ShareRow:
    state = access.get_state(share, now)
    may_open = state == ShareState.ACTIVE and permissions.may_open_share(request.user, share)
    link = links.make_link(request, share) if may_open else ""
    return ShareRow(share, state, link, is_own=share.created_by_id == request.user.pk)


@require_safe
def shares(request: AuthHttpRequest) -> HttpResponse:
    """The person's own shares; for managers everybody's, unless they ask for their own with `by=me`."""
    found = permissions.visible_shares(request)
    if is_mine := request.GET.get("by") == "me":
        found = found.made_by(request.user)
    if cursor := NEWEST.parse_cursor(request.GET.get("after", "")):
        found = found.before(datetime.fromisoformat(str(cursor.value)), cursor.pk)
    listed = list(found.newest_first().with_people().with_item_count(limit=MAX_COUNTED + 1)[: PAGE_SIZE + 1])
    rows, now = listed[:PAGE_SIZE], timezone.now()
    after = Cursor(rows[-1].created_at, rows[-1].pk) if len(listed) > PAGE_SIZE else None
    query = "?" + urlencode({"after": after} | ({"by": "me"} if is_mine else {})) if after else ""
    shown = [make_row(request, share, now) for share in rows]
    if wants_json(request):
        return JsonResponse({"shares": [row.as_json() for row in shown], "next": query or None})
    context = {"rows": shown, "next": query, "is_first": cursor is None, "is_mine": is_mine}
    return render(request, "shares/shares.html", context | {"covers": _find_covers(request, rows)})


def _find_covers(request: AuthHttpRequest, shares: list[Share]) -> dict[uuid.UUID, uuid.UUID]:
    """By the id of a share, that of its first asset, if it has a preview that the person may see."""
    first = ShareItem.objects.first_of(shares)
    visible = permissions.visible_assets(request).current().filter(pk__in=first.values())
    shown = set(visible.exclude(stored_file__preview="").values_list("pk", flat=True))
    return {share: asset for share, asset in first.items() if asset in shown}


# --- One share ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A share with its link. POST changes it; only who made it may."""
    if request.method == "POST":
        return _change(request, pk)
    found = permissions.get_share_or_404(request, pk)
    form = SettingsForm(share=found, initial=SettingsForm.initial_of(found))
    return _render_share(request, found, form)


@transaction.atomic
def _change(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    permissions.require_sharing(request.user)
    found = permissions.get_own_share_or_404(request, pk)
    form = SettingsForm(request.POST, share=found)
    if found.is_revoked or not form.is_valid():
        return _render_share(request, found, form, status=400)
    save_settings(found, form)
    messages.success(request, "Saved.")
    return redirect(found)


@transaction.atomic
def save_settings(found: Share, form: SettingsForm) -> None:
    before = found.password
    form.apply_to(found, timezone.now())
    found.save()
    if found.password != before:
        record_changes([(found, {"password": ("", "changed" if found.password else "removed")})])


def _render_share(request: AuthHttpRequest, found: Share, form: SettingsForm, status: int = 200) -> HttpResponse:
    row = make_row(request, found, timezone.now())
    if wants_json(request):
        errors = {"errors": errors_json(form.errors.as_data())}
        return JsonResponse(errors if form.is_bound else row.as_json(), status=status)
    return render(request, "shares/share.html", {"row": row, "share": found, "form": form}, status=status)


@require_POST
def revoke_share(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a share or, with `undo`, let it open again."""
    found, now = permissions.get_share_or_404(request, pk), timezone.now()
    if "undo" in request.GET:
        _undo_revoking(request, found, now)
    elif not found.is_revoked:
        found.revoke(request.user, now)
        undo = f"{reverse('revoke_share', args=[pk])}?undo=1"
        messages.success(request, "Link revoked. It no longer opens.", extra_tags=undo)
    if wants_json(request):
        return JsonResponse(make_row(request, found, now).as_json())
    return redirect_back(request, "shares")


def _undo_revoking(request: AuthHttpRequest, found: Share, now: datetime) -> None:
    if found.may_be_restored(request.user, now):
        found.restore()
        messages.success(request, "The link opens again.")
    else:
        messages.error(request, "This can no longer be undone. Create a new link.")


# --- A new one ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new_share(request: AuthHttpRequest) -> HttpResponse:
    """Ask what a link to a selection or a `collection` shows and allows; make it once that is `confirmed`."""
    permissions.require_sharing(request.user)
    if request.method != "POST" and not request.GET:
        # Which says how to come here.
        return redirect("shares")
    try:
        source = sources.read_source(request, request.POST if request.method == "POST" else request.GET)
        if request.method == "POST" and "confirmed" in request.POST:
            return _make(request, source)
        return _ask(request, source, NewShareForm(initial=_initial(request, source)))
    except ValidationError as error:
        return _refuse(request, error)


def _initial(request: AuthHttpRequest, source: Source) -> dict[str, object]:
    return {
        "name": source.default_name,
        "sharer_name": request.user.get_full_name(),
        "allows_downloads": True,
        "includes_private": source.is_all_private,
    }


def _make(request: AuthHttpRequest, source: Source) -> HttpResponse:
    form = NewShareForm(request.POST)
    if form.is_valid():
        source.check(form)
    if form.errors:
        return _ask(request, source, form)
    made = permissions.get_share_or_404(request, source.share(form, request, timezone.now()).pk)
    row = make_row(request, made, timezone.now())
    if wants_json(request):
        return JsonResponse(row.as_json(), status=201)
    if "HX-Request" in request.headers:
        return render_dialog(request, "shares/_made.html", {"row": row})
    messages.success(request, "Link created.")
    return redirect(made)


def _ask(request: AuthHttpRequest, source: Source, form: NewShareForm) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    context = {
        "title": "New link",
        "form": source.form,
        "share_form": form,
        "source": source,
        "count": format_count(source.count),
        "private": format_count(source.private_count),
        "examples": source.examples(MAX_EXAMPLES),
        "return_url": return_url(request, source.page),
    }
    return render_dialog(request, "shares/_new.html", context, status=400 if form.errors else 200)


def _refuse(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json({"__all__": error.error_list})}, status=400)
    context = {"reasons": error.messages, "return_url": return_url(request, "library")}
    return render_dialog(request, "shares/_refused.html", context, status=400)
