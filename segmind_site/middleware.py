from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from assets.views.answers import wants_json


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page is behind sign-in; a program gets 401 and a sentence instead of the sign-in page."""

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponseBase:
        if wants_json(request):
            return JsonResponse({"error": {"code": "signed_out", "message": "Sign in first."}}, status=401)
        return super().handle_no_permission(request, view_func)
