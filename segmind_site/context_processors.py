from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject

from assets import permissions


def site(request: HttpRequest) -> dict[str, object]:
    """What every page shows: whether files go to Segmind or to the sandbox."""
    return {"sandbox": settings.SANDBOX}


def csrf(request: HttpRequest) -> dict[str, object]:
    """One token for all forms of a page, for Jinja's templates: by itself each would have one of its own."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def person(request: HttpRequest) -> dict[str, object]:
    """What every page asks of the person: their role, and what it lets them do."""
    if not hasattr(request, "user"):  # an error page of a request that came no further
        return {}
    return {
        "role": permissions.role_of(request.user),
        "may_upload": permissions.may_upload(request.user),
        "may_manage": permissions.may_manage(request.user),
        "is_administrator": permissions.is_administrator(request.user),
    }
