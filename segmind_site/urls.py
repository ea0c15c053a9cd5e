from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from assets.accounts import login_views


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers request it for responses that name no icon, such as images."""
    return redirect(static("img/icon.svg"))


urlpatterns = [
    path("", include("assets.urls")),
    path("api/", include("assets.api.urls")),
    path("accounts/login/", login_views.SignIn.as_view(), name="login"),
    path("accounts/logout/", login_views.SignOut.as_view(), name="logout"),
    path("accounts/forgotten/", login_views.forgotten_password, name="forgotten_password"),
    path("accounts/password/", login_views.ChangePassword.as_view(), name="password_change"),
    path(
        "accounts/password/done/",
        auth.PasswordChangeDoneView.as_view(template_name="accounts/password_changed.html"),
        name="password_change_done",
    ),
    path("accounts/link/", login_views.open_link, name="open_password_link"),
    path("accounts/link/<uidb64>/<token>/", login_views.ChoosePassword.as_view(), name="password_link"),
    path("admin/login/", login_views.sign_in_to_admin, name="admin_login"),
    path("admin/logout/", login_views.SignOut.as_view(), name="admin_logout"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change"), name="admin_password_change"),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon),
]
handler400 = "segmind_site.errors.bad_request"
handler403 = "segmind_site.errors.permission_denied"
handler404 = "segmind_site.errors.page_not_found"
handler500 = "segmind_site.errors.server_error"
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("segmind_site.sandbox")))
