"""Finding and reading assets."""

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema

from assets import permissions
from assets.api.auth import READ, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import AssetList, AssetOut, asset_out, reload
from assets.library.copy_views import all_snippets_for
from assets.library.file_views import original_response, preview_response
from assets.models.page_queries import Cursor
from assets.search.filters import Scope
from assets.search.results import Listing

router = Router(tags=["Assets"])
Sort = Literal["newest", "oldest", "name", "name_desc", "size", "smallest", "used"]


class AssetQuery(Schema):
    q: Annotated[str, Query("", description="A search in the language of the search box: `tag:hero type:image`.")]
    sort: Sort = "newest"
    limit: Annotated[int, Query(40, ge=1, le=100)]
    cursor: Annotated[str, Query("", description="`next` of the page before.")]


class SnippetOut(Schema):
    name: str
    label: str
    text: str


class SnippetList(Schema):
    items: list[SnippetOut]


@router.get("", response=AssetList, auth=READ, summary="Search the library")
def list_assets(request: ApiRequest, query: Query[AssetQuery]) -> dict[str, object]:
    """`is:trashed` searches the trash."""
    listing = Listing.from_parameters({"q": query.q, "sort": query.sort}, request.user, scope=Scope.LIBRARY)
    page = listing.asset_page(parse_cursor(listing, query.cursor), query.limit)
    return {
        "items": [asset_out(request, asset) for asset in page.rows],
        "next": str(page.next_cursor) if page.next_cursor else None,
        "remarks": [{"text": problem.text, "reason": problem.reason} for problem in listing.query.problems],
    }


def parse_cursor(listing: Listing, text: str) -> Cursor | None:
    """None for the start of the list."""
    cursor = listing.order.parse_cursor(text)
    if text and cursor is None:
        raise ProblemError(422, "This cursor is not one of this list. Use `next` as the page before gave it.")
    return cursor


@router.get("/{uuid:pk}", response=AssetOut, auth=READ, summary="One asset")
def get_asset(request: ApiRequest, response: HttpResponse, pk: UUID) -> dict[str, object]:
    permissions.get_asset_or_404(request, pk)
    return answer_asset(request, response, pk)


def answer_asset(request: ApiRequest, response: HttpResponse, pk: UUID) -> dict[str, object]:
    """The asset, with its version as the ETag."""
    facts = asset_out(request, reload(permissions.reachable_assets(request.user), request.user, pk))
    response["ETag"] = f'"{facts["version"]}"'
    return facts


@router.get("/{uuid:pk}/original", auth=READ, summary="The uploaded file", url_name="get_original")
def get_original(request: ApiRequest, pk: UUID) -> HttpResponseBase:
    """All of it or, with `Range`, a part."""
    return original_response(request, permissions.get_asset_or_404(request, pk))


@router.get("/{uuid:pk}/preview", auth=READ, summary="A small picture of it", url_name="get_preview")
def get_preview(request: ApiRequest, pk: UUID) -> HttpResponseBase:
    """WebP or SVG."""
    return preview_response(permissions.get_asset_or_404(request, pk).stored_file)


@router.get("/{uuid:pk}/snippets", response=SnippetList, auth=READ, summary="Its URL as text to copy")
def list_snippets(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """Markup, data and code that calls a Segmind model with it. None before it is stored."""
    snippets = all_snippets_for(permissions.get_asset_or_404(request, pk))
    return {"items": [asdict(snippet) for snippet in snippets]}
