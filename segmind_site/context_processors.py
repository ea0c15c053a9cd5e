from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page shows: whether files go to Segmind or to the sandbox."""
    return {"sandbox": settings.SANDBOX}
