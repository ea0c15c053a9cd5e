from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.models.cards import Card
from assets.permissions import AuthHttpRequest
from assets.uploads.acceptance import describe_accepted
from assets.uploads.forms import NewFileForm, UploadForm
from assets.uploads.results import UploadResult, receive_files, reload_assets
from assets.web.responses import errors_json, wants_json


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: AuthHttpRequest) -> HttpResponse:
    """The upload page. Every file gets a result of its own, in the order of the form."""
    permissions.require_member(request.user)
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else _new_form(request)
    results = receive_files(form, request.user) if form.is_bound and form.is_valid() else []
    return render_results(request, form, results)


def render_results(request: AuthHttpRequest, form: NewFileForm, results: list[UploadResult]) -> HttpResponse:
    """The upload page with what became of each file or, for programs, that alone."""
    reload_assets(results, request.user)
    status = 200 if request.method != "POST" or any(result.asset for result in results) else 400
    if wants_json(request):
        return _results_as_json(form, results, status)
    return _results_page(request, form, results, status)


def _new_form(request: AuthHttpRequest) -> UploadForm:
    """The address may name a collection, such as the one whose page links here."""
    collection, visibility = request.GET.get("collection", ""), request.user.default_visibility
    return UploadForm(initial={"collection": collection, "visibility": visibility})


def _results_as_json(form: NewFileForm, results: list[UploadResult], status: int) -> JsonResponse:
    answer: dict[str, object] = {"results": [result.as_json() for result in results]}
    if form.errors:
        answer["errors"] = errors_json(form.errors.as_data())
    return JsonResponse(answer, status=status)


def _results_page(
    request: AuthHttpRequest, form: NewFileForm, results: list[UploadResult], status: int
) -> HttpResponse:
    taken = [result.asset for result in results if result.asset]
    context = {
        "form": _new_form(request) if taken or not isinstance(form, UploadForm) else form,
        "import_form": None if isinstance(form, UploadForm) or taken else form,
        "results": results,
        "taken": taken,
        "refused": len(results) - len(taken),
        "unfinished": [card for card in map(Card.from_asset, taken) if card.is_unfinished],
        "accepted": describe_accepted(),
        "max_bytes": settings.UPLOAD_MAX_FILE_BYTES,
    }
    return render(request, "uploads/upload.html", context, status=status)
