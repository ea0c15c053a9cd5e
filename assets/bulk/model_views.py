"""The models that take what is selected."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from assets.bulk.export_views import get_selection
from assets.bulk.forms import SelectionForm
from assets.bulk.selection import Selection
from assets.catalogue import store
from assets.catalogue.fits import FileFacts
from assets.catalogue.specs import ModelSpec
from assets.catalogue.works_with import facts_of
from assets.models import Asset
from assets.permissions import AuthHttpRequest
from assets.ready_requests.assign import assign, count_in_limits
from assets.ready_requests.batch import MAX_FILES
from assets.ready_requests.prepare import MAX_ASSETS
from assets.web.responses import render_dialog, render_refusal, return_url, wants_json

MAX_MODELS = 50


@dataclass(frozen=True)
class Choice:
    """A model: how many of the assets one request takes, and how many a script that sends each by itself."""

    spec: ModelSpec
    in_one: int
    in_all: int
    request_url: str


def choose_model(request: AuthHttpRequest) -> HttpResponse:
    """Those that take all of the selected assets first, and the best used of them."""
    form, selection = get_selection(request, is_limited=False)
    assets = take_assets(form, selection) if selection else []
    if not assets:
        return render_refusal(request, form)
    choices = _rank(assets)[:MAX_MODELS]
    if wants_json(request):
        models = [_as_json(each) for each in choices]
        return JsonResponse({"count": len(assets), "models": models})
    context = {"form": form, "choices": choices, "count": len(assets), "max_assets": MAX_ASSETS}
    return render_dialog(request, "bulk/_models.html", context | {"return_url": return_url(request, "library")})


def take_assets(form: SelectionForm, selection: Selection) -> list[Asset]:
    """None, with the reason in the form, if there are none or more than a script may have."""
    assets = list(islice((asset for batch in selection.batches() for asset in batch), MAX_FILES + 1))
    if not assets:
        form.add_error(None, ValidationError("The selected assets no longer exist. Reload the page.", code="gone"))
    if len(assets) <= MAX_FILES:
        return assets
    words = f"More than {MAX_FILES:,} assets are selected, the limit for a model. Narrow the search and try again."
    form.add_error(None, ValidationError(words, code="too_many"))
    return []


def _as_json(choice: Choice) -> dict[str, object]:
    spec = choice.spec
    return {"slug": spec.slug, "title": spec.title, "in_one_request": choice.in_one, "in_a_script": choice.in_all}


def _rank(assets: Sequence[Asset]) -> list[Choice]:
    files = [facts_of(asset) for asset in assets]
    query = urlencode([("id", asset.pk) for asset in assets])
    choices = [_describe(spec, files, query) for spec in store.list_models() if not spec.is_retired]
    usable = [each for each in choices if each.in_all]
    return sorted(usable, key=lambda each: (each.in_one < len(files), each.in_all < len(files)))


def _describe(spec: ModelSpec, files: Sequence[FileFacts], query: str) -> Choice:
    kinds = {each.kind for each in spec.inputs}
    in_one = count_in_limits(spec, assign(spec, files[:MAX_ASSETS], [""] * len(files)))
    url = f"{reverse('ready_request', args=[spec.slug])}?{query}" if len(files) <= MAX_ASSETS else ""
    return Choice(spec, in_one, sum(file.kind in kinds for file in files), url)
