from django.urls import path
from django.views.generic import TemplateView

from assets.views import activity, detail, files, health, library, personal, upload, upload_tray

urlpatterns = [
    path("", library.library, name="library"),
    path("count/", library.count, name="count"),
    path("trash/", library.trash, name="trash"),
    path("layout/", personal.choose_layout, name="choose_layout"),
    path("help/", TemplateView.as_view(template_name="assets/help.html"), name="help"),
    path("upload/", upload.upload, name="upload"),
    path("upload/tray/", upload_tray.tray, name="upload_tray"),
    path("upload/known/", upload_tray.known, name="upload_known"),
    path("upload/states/", upload_tray.states, name="upload_states"),
    path("activity/", activity.activity, name="activity"),
    path("activity/retry/", activity.retry_failed, name="retry_failed"),
    path("activity/try-now/", activity.try_now, name="try_now"),
    path("assets/cards/", detail.cards, name="cards"),
    path("assets/<uuid:pk>/", detail.asset, name="asset"),
    path("assets/<uuid:pk>/trash/", detail.trash_asset, name="trash_asset"),
    path("assets/<uuid:pk>/restore/", detail.restore_asset, name="restore_asset"),
    path("assets/<uuid:pk>/retry/", detail.retry_asset, name="retry_asset"),
    path("assets/<uuid:pk>/favourite/", personal.favourite, name="favourite"),
    path("assets/<uuid:pk>/use/", personal.use, name="use"),
    path("assets/<uuid:pk>/preview/", files.preview, name="preview"),
    path("assets/<uuid:pk>/original/", files.original, name="original"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
