"""One thing done to many entries: first what it would change, and once that is confirmed, what it did."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets import permissions
from assets.bulk import actions, export_views
from assets.bulk.actions import Outcome, Verb, Wish
from assets.bulk.forms import BulkForm
from assets.web.responses import address_back, answered, back, refused, wants_json


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Show what an action would change of the chosen entries and ask for what it needs; do it where it is confirmed."""
    if take := export_views.ASKED.get(request.POST.get("action", "")):
        return take(request)
    form = BulkForm(request.POST)
    form.full_clean()
    pks: list[Any] = []
    if not _is_hopeless(form):
        try:
            pks = form.selection(request.user).pks()
        except ValidationError as error:
            form.add_error(None, error)
    if _is_hopeless(form):
        return refused(request, form)
    if not form.verb.is_for_all:
        permissions.refuse_viewers(request.user)
    wish = form.wish(request.user, timezone.now())
    is_as_seen = form.cleaned_data.get("chosen") in (None, len(pks))
    if form.cleaned_data["confirmed"] and is_as_seen and form.is_valid():
        return _done(request, form.verb, wish, actions.apply(form.verb, pks, wish))
    return _asked(request, form, len(pks), actions.preview(form.verb, pks, wish), is_as_seen=is_as_seen)


def _is_hopeless(form: BulkForm) -> bool:
    """Whether it does not even say what is to be done, or with which entries."""
    return bool(form.non_field_errors() or "action" in form.errors or "id" in form.errors)


def _asked(request: HttpRequest, form: BulkForm, chosen: int, outcome: Outcome, *, is_as_seen: bool) -> HttpResponse:
    is_wrong = bool(form.errors)
    if wants_json(request):
        return _as_json(form.verb, outcome, confirmed=False) if not is_wrong else refused(request, form)
    context = {
        "form": form,
        "outcome": outcome,
        "chosen": chosen,
        "is_as_seen": is_as_seen,
        "back": address_back(request, "library"),
    }
    return answered(request, "bulk", context, status=400 if is_wrong else 200)


def _done(request: HttpRequest, verb: Verb, wish: Wish, outcome: Outcome) -> HttpResponse:
    if wants_json(request):
        return _as_json(verb, outcome, confirmed=True)
    level = messages.SUCCESS if outcome.changed else messages.WARNING
    # The page that shows the message offers what undoes it.
    is_undone = verb.name == "trash" and outcome.changed
    undo = f"{reverse('undo_trash')}?{urlencode({'at': wish.now.isoformat()})}" if is_undone else ""
    messages.add_message(request, level, in_words(verb, outcome), extra_tags=undo)
    address = address_back(request, "library")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


@require_POST
def undo_trash(request: HttpRequest) -> HttpResponse:
    """Restore all that the person moved to the trash at once, at the moment `at`."""
    reachable = permissions.reachable_assets(request.user)
    pks = list(reachable.trashed_at(_moment(request.GET.get("at", ""))).values_list("pk", flat=True))
    verb = actions.VERBS["restore"]
    outcome = actions.apply(verb, pks, Wish(request.user, timezone.now()))
    messages.add_message(request, messages.SUCCESS if pks else messages.WARNING, in_words(verb, outcome))
    return back(request, "library")


def _moment(text: str) -> datetime:
    """A moment as an address says it, in any time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Http404("There is no such moment.")
    return moment


def in_words(verb: Verb, outcome: Outcome) -> str:
    """What was done, and what was not and why."""
    words = [f"{verb.done}: {_entries(outcome.changed)}."] if outcome.changed else ["Nothing was changed."]
    if outcome.unchanged:
        words.append(f"As before: {_entries(outcome.unchanged)} ({verb.already}).")
    if outcome.not_allowed:
        words.append(f"Left as they are: {_entries(outcome.not_allowed)} of others.")
    return " ".join(words)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def _as_json(verb: Verb, outcome: Outcome, *, confirmed: bool) -> JsonResponse:
    return JsonResponse(
        {
            "action": verb.name,
            "changed": outcome.changed,
            "unchanged": outcome.unchanged,
            "not_allowed": outcome.not_allowed,
            "confirmed": confirmed,
        }
    )
