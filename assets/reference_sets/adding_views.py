"""From a selection to a set: a new one, or one that is there."""

import uuid
from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from assets import permissions
from assets.bulk.forms import SelectionForm
from assets.catalogue.store import iterate_models
from assets.catalogue.works_with import facts_of
from assets.models import Asset, ReferenceSet, User
from assets.models.reference_sets import MAX_MEMBERS, TITLE_LENGTH
from assets.permissions import AuthHttpRequest
from assets.reference_sets import changes
from assets.reference_sets.as_json import contents_json
from assets.reference_sets.contents import read_contents
from assets.reference_sets.forms import TextsForm
from assets.reference_sets.placing import Reference, place, warn
from assets.search.filters import Scope
from assets.search.results import Listing
from assets.text.formats import pluralise
from assets.text.shorten import shorten
from assets.web.responses import errors_json, render_dialog, return_url, wants_json

MAX_OFFERED = 12
MAX_CHOICES = 48
NEW = "new"


@require_http_methods(["GET", "HEAD", "POST"])
def add_to_set(request: AuthHttpRequest) -> HttpResponse:
    """Ask for a set; add the selection to it once that is `confirmed`. `set` is its id, or `new`."""
    permissions.require_member(request.user)
    if request.method != "POST" and not request.GET:
        return redirect("reference_sets")
    data = request.POST if request.method == "POST" else request.GET
    selection = SelectionForm(data)
    try:
        assets = _read_assets(selection, request.user)
        if request.method == "POST" and "confirmed" in data:
            return _add(request, data, assets)
    except ValidationError as error:
        return _refuse(request, error)
    return _ask(request, selection, assets)


def _read_assets(form: SelectionForm, user: User) -> list[Asset]:
    """In the order in which they are named, or of the search. Raises ValidationError if there are none, or too many."""
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
    found = form.selection(user).assets.filter(trashed_at=None).select_related("stored_file")
    assets = list(found[: MAX_MEMBERS + 1])
    if not assets:
        raise ValidationError("These assets are in the trash, or no longer exist.", code="nothing_there")
    if len(assets) > MAX_MEMBERS:
        raise ValidationError(f"More than {MAX_MEMBERS} assets selected. {changes.TOO_MANY}", code="too_many")
    places = {pk: at for at, pk in enumerate(form.cleaned_data["id"])}
    return sorted(assets, key=lambda asset: places.get(asset.pk, 0))


def _ask(request: AuthHttpRequest, selection: SelectionForm, assets: Sequence[Asset]) -> HttpResponse:
    found = permissions.visible_sets(request.user).with_people(request.user).latest_first()
    sets = [one for one in found[: 2 * MAX_OFFERED] if permissions.may_change_set(request.user, one)]
    title = assets[0].title if len(assets) == 1 else f"{len(assets)} references"
    initial = {"title": shorten(title, TITLE_LENGTH), "model": suggest_model(assets)}
    context = {
        "title": "Add to set",
        "form": selection,
        "texts": TextsForm(initial=initial),
        "sets": sets[:MAX_OFFERED],
        "count": pluralise(len(assets), "asset"),
        "return_url": return_url(request, "library"),
    }
    return render_dialog(request, "reference_sets/_add.html", context)


def suggest_model(assets: Sequence[Asset]) -> str:
    """The best used one that takes all of these together; empty if there is none."""
    references = [_refer(asset) for asset in assets]
    for spec in iterate_models():
        places = place(spec, references)
        if all(each.input and not each.reasons for each in places) and not warn(spec, references, places):
            return spec.slug
    return ""


def _refer(asset: Asset) -> Reference:
    return Reference(asset.kind, changes.make_member(asset).role, "", asset.title, facts_of(asset))


@transaction.atomic
def _add(request: AuthHttpRequest, data: QueryDict, assets: Sequence[Asset]) -> HttpResponse:
    chosen = data.get("set", NEW)
    found = _create(request.user, data, assets) if chosen == NEW else _extend(request, chosen, assets)
    if wants_json(request):
        found = permissions.get_set_or_404(request.user, found.pk)
        return JsonResponse(contents_json(read_contents(request.user, found)), status=201 if chosen == NEW else 200)
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": found.get_absolute_url()})
    return redirect(found)


def _create(user: User, data: QueryDict, assets: Sequence[Asset]) -> ReferenceSet:
    form = TextsForm(data)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
    return changes.create(user, form.cleaned_data["title"], assets, model=form.cleaned_data["model"])


def _extend(request: AuthHttpRequest, chosen: str, assets: Sequence[Asset]) -> ReferenceSet:
    found = permissions.lock_changeable_set_or_404(request.user, forms.UUIDField().clean(chosen))
    added = changes.add(found, assets, request.user)
    if not wants_json(request):
        undo = reverse("undo_set", args=[found.pk, found.version])
        messages.success(request, f"{pluralise(added, 'asset')} added.", extra_tags=undo)
    return found


@require_safe
def choose_assets(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Assets that can be added to a set, the newest first, or what `q` finds."""
    found = permissions.get_set_or_404(request.user, pk)
    if not permissions.may_change_set(request.user, found):
        raise PermissionDenied(permissions.NOT_YOUR_SET)
    listing = Listing.from_parameters({"q": request.GET.get("q", "")}, request.user, scope=Scope.LIBRARY)
    others = listing.assets().exclude(pk__in=found.members.exclude(asset=None).values("asset"))
    assets = list(others.select_related("stored_file")[:MAX_CHOICES])
    context = {"title": "Add assets", "set": found, "assets": assets, "text": listing.text, "most": MAX_CHOICES}
    return render_dialog(request, "reference_sets/_choose.html", context)


def _refuse(request: AuthHttpRequest, error: ValidationError) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json({"__all__": error.error_list})}, status=400)
    context = {"reasons": error.messages, "return_url": return_url(request, "library")}
    return render_dialog(request, "bulk/_refused.html", context, status=400)
