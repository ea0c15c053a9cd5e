"""The pages of outputs and runs."""

import json
import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings as site_settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets import permissions
from assets.generations import lineage, listing, switch
from assets.generations.forms import SwitchForm
from assets.generations.keep import request_keep
from assets.generations.listing import View
from assets.models import GenerationHistory, GenerationOutput, GenerationRun
from assets.models.generations import GenerationOutputQuerySet, OutputState
from assets.permissions import AuthHttpRequest
from assets.text.formats import pluralise
from assets.web.responses import redirect_back

MAX_PAGE = 1000
# Runs that used an asset, beside it and on a page of their own.
FEW_RUNS, MANY_RUNS = 6, 100


@never_cache
@require_safe
def outputs(request: AuthHttpRequest) -> HttpResponse:
    """What models made: in a `state`, of a `model`. While it is off, administrators are told how to switch it on."""
    history = GenerationHistory.objects.filter(is_on=True).first()
    if history is None:
        return _show_off(request)
    now, view = timezone.now(), _read_view(request)
    model, page = request.GET.get("model", ""), _read_page(request)
    rows, has_more = listing.read_page(view, request.user, now, model=model, page=page)
    context = {
        "history": history,
        "view": view,
        "views": list(View),
        "model": model,
        "models": listing.list_models(),
        "rows": rows,
        "next": f"?{urlencode({'state': view.value, 'model': model, 'page': page + 1})}" if has_more else "",
        "costs": listing.count_costs(now, model),
        "keepable": listing.count_keepable(now, model) if any(row.may_be_kept for row in rows) else 0,
    }
    return _with_pictures(render(request, "generations/outputs.html", context))


def _with_pictures(response: HttpResponse) -> HttpResponse:
    """Browsers get pictures of outputs that are not kept from Segmind itself, and do not say from where they ask."""
    hosts = [f"https://*{host}" if host.startswith(".") else host for host in site_settings.SEGMIND_ASSET_HOSTS]
    vars(response)["_csp_update"] = {"img-src": hosts}
    return response


def _show_off(request: AuthHttpRequest) -> HttpResponse:
    if not permissions.is_administrator(request.user):
        raise Http404("Outputs are not kept here.")
    return redirect("outputs_settings")


def _read_view(request: AuthHttpRequest) -> View:
    state = request.GET.get("state", "")
    return View(state) if state in View.values else View.EXPIRING


def _read_page(request: AuthHttpRequest) -> int:
    page = request.GET.get("page", "1")
    return min(max(int(page), 1), MAX_PAGE) if page.isascii() and page.isdigit() else 1


def _require_on() -> None:
    if not GenerationHistory.objects.is_on():
        raise Http404("Outputs are not kept here.")


@require_POST
def keep(request: AuthHttpRequest) -> HttpResponse:
    """Keep the outputs with these ids or, with `all`, those of a `model` that expire."""
    permissions.require_member(request.user)
    _require_on()
    now = timezone.now()
    found = _find_chosen(request, now)
    count = request_keep(found, now, by=request.user)
    kept = GenerationOutput.objects.filter(pk__in=_read_ids(request), state=OutputState.KEPT).count()
    if count:
        messages.success(request, f"Keeping {pluralise(count, 'output')}. They are in the library in a moment.")
    elif kept:
        messages.info(request, "Kept already.")
    else:
        messages.info(request, "There is nothing to keep.")
    return redirect_back(request, "outputs")


def _find_chosen(request: AuthHttpRequest, now: datetime) -> GenerationOutputQuerySet:
    outputs = GenerationOutput.objects.at_segmind(now)
    if request.POST.get("all"):
        model = request.POST.get("model", "")
        outputs = outputs.filter(run__model=model) if model else outputs
        return GenerationOutput.objects.filter(pk__in=list(outputs.values_list("pk", flat=True)[: listing.MAX_AT_ONCE]))
    return outputs.filter(pk__in=_read_ids(request))


def _read_ids(request: AuthHttpRequest) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(pk) for pk in request.POST.getlist("id")[: listing.MAX_AT_ONCE]]
    except ValueError:
        raise Http404("There is no such output.") from None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: AuthHttpRequest) -> HttpResponse:
    """Whether the history is read, what is kept, and how the reading goes."""
    permissions.require_administrator(request.user)
    history = GenerationHistory.objects.load()
    data = request.POST if request.method == "POST" else None
    form = SwitchForm(data, history=history, models=listing.list_models())
    if form.is_bound and form.is_valid():
        switch.choose(form.choice, request.user, timezone.now())
        if form.choice.is_on and not history.is_on:
            switch.read_now(timezone.now())
        messages.success(request, "Saved.")
        return redirect("outputs" if form.choice.is_on else "outputs_settings")
    context = {"history": history, "form": form}
    return render(request, "generations/settings.html", context, status=400 if form.errors else 200)


@require_POST
def read_now(request: AuthHttpRequest) -> HttpResponse:
    permissions.require_administrator(request.user)
    _require_on()
    switch.read_now(timezone.now())
    messages.success(request, "The history is read now. New outputs appear in a moment.")
    return redirect_back(request, "outputs")


@require_POST
def keep_model(request: AuthHttpRequest) -> HttpResponse:
    """From now on, keep what this model makes."""
    permissions.require_administrator(request.user)
    _require_on()
    model = request.POST.get("model", "")
    if model not in listing.list_models():
        raise Http404("There is no such model.")
    switch.keep_model(model, request.user, timezone.now())
    messages.success(request, f"Outputs of {model} are kept from now on.")
    return redirect_back(request, "outputs")


@never_cache
@require_safe
def run(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request to a model, with what went in and what came out."""
    found = get_object_or_404(GenerationRun.objects.select_related("person"), pk=pk)
    now = timezone.now()
    inputs = list(found.inputs.all())
    assets = listing.find_assets((each.stored_file_id for each in inputs), request.user)
    context = {
        "run": found,
        "may_see_prompt": permissions.may_see_prompt(request.user, found),
        "inputs": [(each, assets.get(each.stored_file_id)) for each in inputs],
        "rows": listing.make_rows(found.outputs.select_related("run", "kept_by"), request.user, now),
        "parameters": json.dumps(found.parameters, ensure_ascii=False, indent=2, sort_keys=True),
        "is_on": GenerationHistory.objects.is_on(),
    }
    return _with_pictures(render(request, "generations/run.html", context))


@require_POST
def purge_run(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Forget the prompt and the parameters of a run, for good."""
    permissions.require_manager(request.user)
    found = get_object_or_404(GenerationRun, pk=pk)
    switch.purge(found, request.user, timezone.now())
    messages.success(request, "The prompt and the parameters are purged.")
    return redirect(found)


@never_cache
@require_safe
def asset_runs(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The runs that made and used an asset; as a fragment the latest."""
    asset = permissions.get_asset_or_404(request, pk)
    is_fragment = "HX-Request" in request.headers
    limit = FEW_RUNS if is_fragment else MANY_RUNS
    found = lineage.find_lineage(asset, request.user, timezone.now(), limit=limit)
    template = "generations/_lineage.html" if is_fragment else "generations/asset_runs.html"
    response = render(request, template, {"asset": asset, "lineage": found, "is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    return response
