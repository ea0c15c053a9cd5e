from django.urls import path
from django.views.generic import TemplateView

from assets.accounts import account_views, token_views
from assets.accounts import views as people_views
from assets.bulk import batch_views, export_views
from assets.bulk import views as bulk_views
from assets.catalogue import views as catalogue_views
from assets.delivery import views as delivery_views
from assets.generations import views as generation_views
from assets.imports import views as import_views
from assets.labels import autocomplete_views, overview_views
from assets.library import (
    copy_views,
    detail_views,
    file_views,
    list_views,
    look_views,
    place_views,
    preference_views,
)
from assets.models import Role
from assets.navigation import manifest
from assets.navigation import views as navigation_views
from assets.ready_requests import views as ready_request_views
from assets.reference_sets import action_views as set_action_views
from assets.reference_sets import adding_views as set_adding_views
from assets.reference_sets import views as set_views
from assets.search import saved_views
from assets.shares import public_views
from assets.shares import views as share_views
from assets.styleguide import views as styleguide_views
from assets.undo import views as undo_views
from assets.uploads import resumable_views, share_target_views, tray_views
from assets.uploads import views as upload_views
from assets.web import health
from assets.webhooks import views as webhook_views

urlpatterns = [
    path("", list_views.library, name="library"),
    path("trash/", list_views.trash, name="trash"),
    path("trash/everyone/", list_views.everyones_trash, name="everyones_trash"),
    path("undo/", undo_views.undo, name="undo"),
    path("undo/<uuid:pk>/", undo_views.undo_step, name="undo_step"),
    path("addresses/", preference_views.dismiss_email_notice, name="dismiss_email_notice"),
    path("layout/", preference_views.choose_layout, name="choose_layout"),
    path("columns/", preference_views.choose_columns, name="choose_columns"),
    path("styleguide/", styleguide_views.styleguide, name="styleguide"),
    path(
        "help/",
        TemplateView.as_view(template_name="library/help.html", extra_context={"roles": list(Role)}),
        name="help",
    ),
    path("models/", catalogue_views.models, name="models"),
    path("models/<str:slug>/", catalogue_views.model, name="model"),
    path("menu/", TemplateView.as_view(template_name="menu.html"), name="menu"),
    path("navigation/", navigation_views.navigation, name="navigation"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("upload/", upload_views.upload, name="upload"),
    path("upload/shared/", share_target_views.shared, name="upload_shared"),
    path("upload/shared/worker.js", share_target_views.worker, name="upload_share_worker"),
    path("upload/resumable/", resumable_views.resumable_uploads, name="resumable_uploads"),
    path("upload/resumable/<uuid:pk>/", resumable_views.resumable_upload, name="resumable_upload"),
    path("upload/by-url/", import_views.by_url, name="upload_by_url"),
    path("upload/tray/", tray_views.tray, name="upload_tray"),
    path("upload/known/", tray_views.known, name="upload_known"),
    path("upload/states/", tray_views.states, name="upload_states"),
    path("activity/", delivery_views.activity, name="activity"),
    path("activity/retry/", delivery_views.retry_failed, name="retry_failed"),
    path("activity/try-now/", delivery_views.try_now, name="try_now"),
    path("assets/bulk/", bulk_views.bulk, name="bulk"),
    path("assets/copy/", export_views.copy, name="copy"),
    path("assets/export/<str:form>/", export_views.export, name="export"),
    path("assets/download/", export_views.download, name="download"),
    path("tags/", overview_views.tags, name="tags"),
    path("tags/complete/", autocomplete_views.tags, name="complete_tags"),
    path("tags/<uuid:pk>/", place_views.tag, name="tag"),
    path("tags/<uuid:pk>/<str:setting>/", place_views.tag_setting, name="tag_setting"),
    path("tags/<path:name>/", place_views.tag_place, name="tag_place"),
    path("collections/", overview_views.collections, name="collections"),
    path("searches/", saved_views.searches, name="saved_searches"),
    path("searches/<uuid:pk>/", saved_views.search, name="saved_search"),
    path("sets/", set_views.reference_sets, name="reference_sets"),
    path("sets/add/", set_adding_views.add_to_set, name="add_to_set"),
    path("sets/<uuid:pk>/", set_views.reference_set, name="reference_set"),
    path("sets/<uuid:pk>/choose/", set_adding_views.choose_assets, name="choose_assets"),
    path("sets/<uuid:pk>/copy/", set_action_views.copy_set, name="copy_set"),
    path("sets/<uuid:pk>/pin/", set_action_views.pin_set, name="pin_set"),
    path("sets/<uuid:pk>/duplicate/", set_action_views.duplicate_set, name="duplicate_set"),
    path("sets/<uuid:pk>/delete/", set_action_views.delete_set, name="delete_set"),
    path("sets/<uuid:pk>/restore/", set_action_views.restore_set, name="restore_set"),
    path("sets/<uuid:pk>/undo/<int:version>/", set_action_views.undo_set, name="undo_set"),
    path("collections/complete/", autocomplete_views.collections, name="complete_collections"),
    path("collections/new/", overview_views.new_collection, name="new_collection"),
    path("collections/~/", overview_views.private_collections, name="private_collections"),
    path("collections/~/<path:path>/", place_views.private_collection_place, name="private_collection_place"),
    path("collections/<uuid:pk>/", place_views.collection, name="collection"),
    path("collections/<uuid:pk>/<str:setting>/", place_views.collection_setting, name="collection_setting"),
    path("collections/<path:path>/", place_views.collection_place, name="collection_place"),
    path("assets/cards/", detail_views.cards, name="cards"),
    path("assets/<uuid:pk>/", detail_views.asset, name="asset"),
    path("assets/<uuid:pk>/trash/", detail_views.trash_asset, name="trash_asset"),
    path("assets/<uuid:pk>/restore/", detail_views.restore_asset, name="restore_asset"),
    path("assets/<uuid:pk>/retry/", detail_views.retry_asset, name="retry_asset"),
    path("assets/<uuid:pk>/heal/", delivery_views.reupload_asset, name="reupload_asset"),
    path("assets/<uuid:pk>/favourite/", preference_views.favourite, name="favourite"),
    path("assets/<uuid:pk>/use/", preference_views.use, name="use"),
    path("assets/<uuid:pk>/copy/", copy_views.copy_as, name="copy_as"),
    path("assets/<uuid:pk>/runs/", generation_views.asset_runs, name="asset_runs"),
    path("assets/<uuid:pk>/look/", look_views.look, name="look"),
    path("assets/<uuid:pk>/pages/", look_views.page_list, name="pages"),
    path("assets/<uuid:pk>/pages/<int:number>/", look_views.page_picture, name="page"),
    path("assets/<uuid:pk>/preview/", file_views.preview, name="preview"),
    path("assets/<uuid:pk>/original/", file_views.original, name="original"),
    path("account/", account_views.account, name="account"),
    path("account/session/", account_views.session, name="session"),
    path("account/tokens/", token_views.tokens, name="tokens"),
    path("account/tokens/<uuid:pk>/", token_views.token, name="token"),
    path("webhooks/", webhook_views.webhooks, name="webhooks"),
    path("webhooks/<uuid:pk>/", webhook_views.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/deliveries/<uuid:delivery_pk>/", webhook_views.send_again, name="send_webhook_again"),
    path("models/<str:slug>/request/", ready_request_views.ready_request, name="ready_request"),
    path("models/<str:slug>/request/copied/", ready_request_views.record_copy, name="record_copy"),
    path("models/<str:slug>/batch/", batch_views.batch, name="batch"),
    path("outputs/", generation_views.outputs, name="outputs"),
    path("outputs/keep/", generation_views.keep, name="keep_outputs"),
    path("outputs/keep-model/", generation_views.keep_model, name="keep_model"),
    path("outputs/read/", generation_views.read_now, name="read_outputs"),
    path("outputs/settings/", generation_views.settings, name="outputs_settings"),
    path("runs/<uuid:pk>/", generation_views.run, name="run"),
    path("runs/<uuid:pk>/purge/", generation_views.purge_run, name="purge_run"),
    path("shares/", share_views.shares, name="shares"),
    path("shares/new/", share_views.new_share, name="new_share"),
    path("shares/<uuid:pk>/", share_views.share, name="share"),
    path("shares/<uuid:pk>/revoke/", share_views.revoke_share, name="revoke_share"),
    path("s/<str:token>/", public_views.shared, name="shared"),
    path("s/<str:token>/download/", public_views.shared_download, name="shared_download"),
    path("s/<str:token>/urls/", public_views.shared_urls, name="shared_urls"),
    path("s/<str:token>/<uuid:pk>/", public_views.shared_asset, name="shared_asset"),
    path("s/<str:token>/<uuid:pk>/preview/", public_views.shared_preview, name="shared_preview"),
    path("s/<str:token>/<uuid:pk>/original/", public_views.shared_original, name="shared_original"),
    path("people/", people_views.people, name="people"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
