"""A script that sends a model one request for each selected asset."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from assets.bulk.batch_form import BatchForm
from assets.bulk.model_views import take_assets
from assets.catalogue import store
from assets.catalogue.fits import judge
from assets.catalogue.specs import FileInput, ModelSpec
from assets.catalogue.works_with import facts_of
from assets.models import Asset, Use
from assets.permissions import AuthHttpRequest
from assets.ready_requests.batch import DEFAULT_RATE, SCRIPTS, Script, make_batch
from assets.ready_requests.body import build_body
from assets.ready_requests.call import Call
from assets.ready_requests.forms import ParametersForm
from assets.ready_requests.scripts.batch_call import BatchCall
from assets.ready_requests.views import get_spec_or_404
from assets.text.email_in_url import url_contains_email
from assets.web.responses import render_refusal, stream_download, wants_json

# Of more files, a script is only downloaded.
MAX_SHOWN = 50


@dataclass(frozen=True)
class Batch:
    """`left_out`: how many assets are not in the script, by the reason."""

    form: BatchForm
    parameters: ParametersForm
    target: FileInput
    assets: Sequence[Asset]
    left_out: Counter[str]
    call: BatchCall
    script: Script

    @property
    def needed(self) -> list[BoundField]:
        return self.form.url_fields(self.target, required=True)

    @property
    def others(self) -> list[BoundField]:
        return [*self.form.url_fields(self.target, required=False), *self.parameters.others]

    @property
    def file_name(self) -> str:
        return self.call.stem + self.script.suffix

    @property
    def url_has_email(self) -> bool:
        return any(url_contains_email(asset.stored_file.url) for asset in self.assets)


@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: AuthHttpRequest, slug: str) -> HttpResponseBase:
    """As a page, a fragment, JSON or (`as=file`) a file. Nothing is sent to Segmind."""
    spec = get_spec_or_404(slug)
    data = request.POST if request.method == "POST" else request.GET
    if not data:
        return redirect("ready_request", slug)  # the address alone, as from the history
    form = BatchForm(spec, _with_usual(data))
    found = _read(form, ParametersForm(spec, data.dict()), request) if form.is_selection_valid else None
    if found is None or (form.errors and wants_json(request)):
        return render_refusal(request, form)
    if data.get("as") == "file" and not form.errors:
        store.record_use(slug)
        Use.objects.record(request.user, found.assets, timezone.now())
        return stream_download([found.script.write(found.call)], "text/plain; charset=utf-8", found.file_name)
    return JsonResponse(_as_json(found)) if wants_json(request) else _render(request, found)


def _with_usual(data: QueryDict) -> QueryDict:
    """What the form that leads here does not say."""
    data = data.copy()
    data.setdefault("rate", str(DEFAULT_RATE))
    data.setdefault("script", next(iter(SCRIPTS)))
    return data


def _read(form: BatchForm, parameters: ParametersForm, request: AuthHttpRequest) -> Batch | None:
    """None, with the reason in the form, if there is nothing to send."""
    assets = take_assets(form, form.selection(request.user))
    target = form.find_input(assets)
    if target is None:
        form.add_error(None, ValidationError("This model takes no files.", code="no_input"))
    if target is None or not assets:
        return None
    left_out = Counter[str]()
    usable = []
    for asset in assets:
        reason = _find_reason(asset, target, takes_unfit=form.cleaned_data.get("unfit", False))
        left_out[reason] += bool(reason)
        usable += [] if reason else [asset]
    return Batch(
        form,
        parameters,
        target,
        usable,
        +left_out,
        _make_call(form, parameters, target, usable),
        form.chosen_script,
    )


def _find_reason(asset: Asset, target: FileInput, *, takes_unfit: bool) -> str:
    """Why an asset is left out; empty if it is not."""
    if asset.is_trashed:
        return "in the trash"
    if not asset.stored_file.url:
        return "no URL yet"
    if asset.kind != target.kind:
        return "another kind of file"
    verdict = judge(target, facts_of(asset))
    return "too large, too long or otherwise over a limit" if verdict.outcome == "does_not" and not takes_unfit else ""


def _make_call(form: BatchForm, parameters: ParametersForm, target: FileInput, assets: Sequence[Asset]) -> BatchCall:
    spec: ModelSpec = form.spec
    call = Call(spec.slug, build_body(spec, form.chosen(target), parameters.values), spec.title, spec.output)
    urls = {str(asset.pk): asset.stored_file.url for asset in assets}
    return make_batch(call, target.name, target.is_list, urls, form.chosen_rate)


def _as_json(found: Batch) -> dict[str, object]:
    return {
        "model": found.form.spec.slug,
        "input": found.target.name,
        "count": len(found.assets),
        "left_out": found.left_out,
        "blanks": found.call.blanks,
        "url_has_email": found.url_has_email,
        "file_name": found.file_name,
        "text": found.script.write(found.call),
    }


def _render(request: AuthHttpRequest, found: Batch) -> HttpResponse:
    is_shown = len(found.assets) <= MAX_SHOWN and not found.form.errors
    context = {
        "batch": found,
        "spec": found.form.spec,
        "text": found.script.write(found.call) if is_shown else "",
        "command": found.script.run.format(found.file_name),
    }
    template = "_batch.html" if "HX-Request" in request.headers else "batch.html"
    response = render(request, f"bulk/{template}", context)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response
