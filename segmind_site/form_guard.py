import codecs
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils.http import urlencode
from django.utils.log import log_response

from assets import permissions
from assets.text.formats import format_size
from assets.uploads.handler import MAX_FIELD_BYTES, FilesNotWantedError, FormHandler, describe_form_limit
from assets.uploads.tus_headers import CONTENT_TYPE as BYTES
from segmind_site.errors import describe_limits, refuse
from segmind_site.unsent import is_from_here

# URL patterns whose views take files.
TAKES_FILES = {"upload"}
# Those whose views read the bytes of a file themselves, in parts.
TAKES_BYTES = {"resumable_uploads", "resumable_upload"}
# What a form of 1,000 files has beside their bytes: its text, and a boundary and headers for each.
MAX_OVERHEAD_BYTES = 2 * MAX_FIELD_BYTES
STATUSES: dict[type[Exception], int] = {
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    TooManyFilesSent: 413,
    MultiPartParserError: 400,
}
View = Callable[..., HttpResponseBase]


class FormGuard:
    """Judges a request before its body is read, and a form with files before its first file is.

    Other requests cannot be larger than a form of text. Where a body is refused unread, the server closes the
    connection.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.csrf = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A request may name any codec of Python: `charset=hex`.
        charset, request.encoding = request.encoding or "utf-8", "utf-8"
        if codecs.lookup(charset).name not in ("utf-8", "ascii"):
            return refuse(request, 400, "Text has to be sent in UTF-8, so nothing was saved.")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> HttpResponseBase | None:
        # The sandbox, which is a server of its own.
        if getattr(view, "csrf_exempt", False):
            return None
        try:
            self._read(request, view)
        except _RefusedError as refusal:
            return refusal.response
        except UnreadablePostError as error:
            return self.process_exception(request, error)
        except tuple(STATUSES) as error:
            return refuse(request, STATUSES[type(error)], str(error))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A sender who goes away is no error of ours."""
        if not isinstance(exception, UnreadablePostError):
            return None
        response = refuse(request, 400, f"{_describe_end(exception)}, so nothing was saved.")
        log_response("The sender went away: %s", request.path, response=response, request=request)
        return response

    def _read(self, request: HttpRequest, view: View) -> None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        is_form = request.method == "POST" and request.content_type == "multipart/form-data"
        if request.content_type == BYTES and name in TAKES_BYTES:
            self._check_sender(request)
        elif is_form and name in TAKES_FILES:
            self._check_sender(request)
            self._check_headers(request, view)
            check = partial(self._check_fields, request, view)
            request.upload_handlers = [FormHandler(request, before_first_file=check)]
        elif _content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig(describe_limits())
        if is_form:
            _ = request.FILES

    def _check_sender(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            raise _RefusedError(refuse(request, 401, "You are signed out, so nothing was saved."))
        permissions.require_member(request.user)
        if not request.META.get("CONTENT_LENGTH"):
            raise _RefusedError(refuse(request, 411, "Send the form with its Content-Length."))
        if _content_length(request) > settings.UPLOAD_MAX_FORM_BYTES + MAX_OVERHEAD_BYTES:
            raise RequestDataTooBig(describe_form_limit())

    def _check_headers(self, request: HttpRequest, view: View) -> None:
        if settings.CSRF_HEADER_NAME in request.META:
            self._check_csrf(request, view, QueryDict())
        else:
            # All but the token, which comes with the form.
            token = urlencode({"csrfmiddlewaretoken": get_token(request)})
            self._check_csrf(request, view, QueryDict(token))
            vars(request).pop("csrf_processing_done", None)

    def _check_fields(self, request: HttpRequest, view: View, fields: QueryDict) -> None:
        """Of a page of ours that is out of date, the form is read to its end, so that its words can be shown again."""
        try:
            self._check_csrf(request, view, fields)
        except _RefusedError:
            if is_from_here(request):
                raise FilesNotWantedError from None
            raise

    def _check_csrf(self, request: HttpRequest, view: View, fields: QueryDict) -> None:
        """Raises _RefusedError unless these fields, or the header, have the right token."""
        # When the form is read, its own fields take their place.
        request.POST = fields  # type: ignore[assignment]  # the stubs know only fields that cannot be changed
        if response := self.csrf.process_view(request, view, (), {}):
            raise _RefusedError(response)


class _RefusedError(Exception):
    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


def _describe_end(error: UnreadablePostError) -> str:
    if isinstance(error.__cause__, TimeoutError):
        return f"The request stalled, or came at less than {format_size(settings.UPLOAD_MIN_BYTES_PER_SECOND)} a second"
    return "The request ended early"


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
