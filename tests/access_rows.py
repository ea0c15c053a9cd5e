"""The response of every URL, for every role and every owner of the object: the rows of tests/test_access_matrix.py."""

import uuid
from dataclasses import dataclass
from typing import Any

ROLES = ("anonymous", "viewer", "member", "manager", "administrator", "deactivated")
SIGN_IN = 302  # redirect to the sign-in page
# Answered before the files are read: what follows a redirect would lose them.
SIGNED_OUT = {("upload", "POST"): 401}


def table(text: str) -> dict[str, dict[str, str]]:
    """Rows of words: the name of the row, and the response for each signed-in role."""
    rows = [line.split() for line in text.strip().splitlines()]
    return {name: dict(zip(ROLES[1:5], cells, strict=True)) for name, *cells in rows}


# Who owns the asset, and the response for each role. `yes`: the status in the row below that uses the rule.
RULES = {
    #                  viewer member manager administrator
    "see": table("""
        own                 yes    yes    yes     yes
        own_private         yes    yes    yes     yes
        own_trashed         yes    yes    yes     yes
        team                yes    yes    yes     yes
        team_trashed        404    404    yes     yes
        private             404    404    404     404
        private_trashed     404    404    404     404
    """),
    "change": table("""
        own                 403    yes    yes     yes
        own_private         403    yes    yes     yes
        own_trashed         403    yes    yes     yes
        team                403    403    yes     yes
        team_trashed        404    404    yes     yes
        private             404    404    404     404
        private_trashed     404    404    404     404
    """),
    "send_again": table("""
        own                 403    yes    yes     yes
        own_private         403    yes    yes     yes
        own_trashed         403    yes    yes     yes
        team                403    404    yes     yes
        team_trashed        403    404    404     404
        private             403    404    404     404
        private_trashed     403    404    404     404
    """),
}
SUBJECTS = tuple(RULES["see"])


@dataclass(frozen=True)
class Row:
    """`yes`: the response for people who may; `rule`: one of RULES, for URLs of one asset; `pages`: for the others."""

    name: str
    method: str
    yes: int
    rule: str = ""
    data: Any = None
    pages: str = "yes yes yes yes"


ASSETS = [
    Row("asset", "GET", 200, "see"),
    Row("asset", "POST", 302, "change", {"title": "Changed"}),
    Row("trash_asset", "POST", 302, "change"),
    Row("restore_asset", "POST", 302, "change"),
    Row("retry_asset", "POST", 302, "send_again"),
    Row("reupload_asset", "POST", 302, "send_again"),
    Row("favourite", "POST", 302, "see", {"on": "1"}),
    Row("use", "POST", 204, "see"),
    Row("copy_as", "GET", 200, "see"),
    Row("asset_runs", "GET", 200, "see"),
    Row("look", "GET", 200, "see"),
    Row("pages", "GET", 404, "see"),
    Row("page", "GET", 404, "see"),
    Row("preview", "GET", 200, "see"),
    Row("original", "GET", 200, "see"),
]
# For a tag or collection: who owns the assets that have it.
LABELS = [
    # By its id, which leads to its name.
    Row("tag", "GET", 302, "see"),
    Row("tag", "POST", 302, "change", {"name": "Changed"}),
    Row("tag_place", "GET", 200, "see"),
    Row("tag_setting", "GET", 200, "change"),
    Row("collection", "GET", 302, "see"),
    Row("collection", "POST", 302, "change", {"name": "Changed"}),
    Row("collection_place", "GET", 200, "see"),
    Row("collection_setting", "GET", 200, "change"),
]
NOT_VIEWERS = "403 yes yes yes"
ONLY_MANAGERS = "403 403 yes yes"
ONLY_ADMINISTRATORS = "403 403 403 yes"
ALL = {"all": "1", "q": ""}
PAGES = [
    Row("library", "GET", 200),
    Row("trash", "GET", 200),
    Row("everyones_trash", "GET", 200, pages=ONLY_MANAGERS),
    # Of nothing: what it restores is looked at in tests/undo/.
    Row("undo", "POST", 302),
    Row("undo_step", "POST", 302),
    Row("dismiss_email_notice", "POST", 204),
    Row("choose_layout", "POST", 302, data={"layout": "list"}),
    Row("choose_columns", "POST", 302, data={"column": "size"}),
    Row("help", "GET", 200),
    Row("menu", "GET", 200),
    Row("models", "GET", 200),
    Row("model", "GET", 200),
    Row("navigation", "GET", 200),
    # With DEBUG on.
    Row("styleguide", "GET", 200),
    Row("upload", "GET", 200, pages=NOT_VIEWERS),
    Row("upload", "POST", 200, data={"files": "a file"}, pages=NOT_VIEWERS),
    # Uploads in parts: each is seen by whoever began it (tests/uploads/test_resumable.py).
    Row("resumable_uploads", "GET", 405, pages=NOT_VIEWERS),
    Row("resumable_uploads", "POST", 412, pages=NOT_VIEWERS),
    Row("resumable_upload", "GET", 404, pages=NOT_VIEWERS),
    Row("upload_by_url", "GET", 302, pages=NOT_VIEWERS),
    Row("upload_by_url", "POST", 400, data={"urls": ""}, pages=NOT_VIEWERS),
    Row("upload_tray", "GET", 200, pages=NOT_VIEWERS),
    Row("upload_known", "POST", 200, data='{"files": []}', pages=NOT_VIEWERS),
    Row("upload_states", "POST", 200, data='{"ids": []}'),
    Row("activity", "GET", 200),
    Row("retry_failed", "POST", 302, pages=NOT_VIEWERS),
    Row("try_now", "POST", 302, pages=ONLY_MANAGERS),
    Row("bulk", "POST", 302, data={"action": "favourite", "confirmed": "1", **ALL}),
    Row("bulk", "POST", 302, data={"action": "trash", "confirmed": "1", **ALL}, pages=NOT_VIEWERS),
    Row("copy", "GET", 200, data=ALL),
    Row("copy", "POST", 200, data=ALL),
    Row("export", "GET", 200, data=ALL),
    Row("export", "POST", 200, data=ALL),
    Row("download", "GET", 200, data=ALL),
    Row("download", "POST", 200, data=ALL),
    Row("saved_searches", "GET", 200),
    Row("saved_searches", "POST", 302, data={"name": "New", "q": "tag:sea"}),
    # One of the team.
    Row("saved_search", "GET", 302),
    Row("saved_search", "POST", 302, data={"action": "unpin"}, pages=ONLY_MANAGERS),
    Row("reference_sets", "GET", 200),
    Row("reference_sets", "POST", 302, data={"title": "New"}, pages=NOT_VIEWERS),
    Row("add_to_set", "GET", 200, data=ALL, pages=NOT_VIEWERS),
    Row("add_to_set", "POST", 302, data={"title": "New", "confirmed": "1", **ALL}, pages=NOT_VIEWERS),
    # Of another member, for the team, with a private asset in it.
    Row("reference_set", "GET", 200),
    Row("reference_set", "POST", 302, data={"title": "Changed"}, pages=ONLY_MANAGERS),
    Row("choose_assets", "GET", 200, pages="403 403 yes yes"),
    Row("copy_set", "GET", 409),
    Row("pin_set", "POST", 302, data={"on": "1"}),
    Row("duplicate_set", "POST", 302, pages=NOT_VIEWERS),
    Row("delete_set", "POST", 302, pages=ONLY_MANAGERS),
    Row("undo_set", "POST", 302, pages=ONLY_MANAGERS),
    # That nobody has deleted.
    Row("restore_set", "POST", 404),
    Row("tags", "GET", 200),
    Row("collections", "GET", 200),
    Row("new_collection", "GET", 200, pages=NOT_VIEWERS),
    Row("private_collections", "GET", 200),
    # Everybody has others: tests/labels/test_private_collections.py.
    Row("private_collection_place", "GET", 404),
    Row("collections", "POST", 302, data={"name": "New"}, pages=NOT_VIEWERS),
    Row("complete_tags", "GET", 200),
    Row("complete_collections", "GET", 200),
    Row("cards", "GET", 200),
    Row("account", "GET", 200),
    Row("session", "GET", 200),
    Row("account", "POST", 302, data={"action": "sign_out_everywhere"}),
    Row("tokens", "GET", 200),
    Row("tokens", "POST", 200, data={"name": "New", "scopes": "read"}),
    # Of another member.
    Row("token", "POST", 302, pages="404 404 404 yes"),
    # Of which assets: tests/ready_requests/test_pages.py.
    Row("ready_request", "GET", 200),
    Row("ready_request", "POST", 200),
    Row("record_copy", "POST", 204),
    Row("batch", "GET", 200, data=ALL),
    Row("batch", "POST", 200, data=ALL),
    Row("webhooks", "GET", 200, pages=ONLY_MANAGERS),
    Row("webhooks", "POST", 200, data={"url": "https://a.example.com", "events": "asset.stored"}, pages=ONLY_MANAGERS),
    Row("webhook", "GET", 200, pages=ONLY_MANAGERS),
    Row("webhook", "POST", 302, data={"action": "test"}, pages=ONLY_MANAGERS),
    Row("send_webhook_again", "POST", 302, pages=ONLY_MANAGERS),
    Row("outputs", "GET", 200),
    Row("keep_outputs", "POST", 302, pages=NOT_VIEWERS),
    Row("keep_model", "POST", 302, data={"model": "flux"}, pages=ONLY_ADMINISTRATORS),
    Row("read_outputs", "POST", 302, pages=ONLY_ADMINISTRATORS),
    Row("outputs_settings", "GET", 200, pages=ONLY_ADMINISTRATORS),
    Row("outputs_settings", "POST", 302, data={"rule": "none"}, pages=ONLY_ADMINISTRATORS),
    Row("run", "GET", 200),
    Row("purge_run", "POST", 302, pages=ONLY_MANAGERS),
    Row("shares", "GET", 200, pages=NOT_VIEWERS),
    Row("new_share", "GET", 200, data=ALL, pages=NOT_VIEWERS),
    Row("new_share", "POST", 302, data={"name": "New", "confirmed": "1", **ALL}, pages=NOT_VIEWERS),
    # Of another member, with private assets in it: managers may end it, and see nothing of what it shows.
    Row("share", "GET", 200, pages="403 404 yes yes"),
    Row("share", "POST", 302, data={"name": "Changed"}, pages="403 404 403 403"),
    Row("revoke_share", "POST", 302, pages="403 404 yes yes"),
    Row("people", "GET", 200, pages=ONLY_ADMINISTRATORS),
    Row("people", "POST", 200, data={"username": "new", "role": "member"}, pages=ONLY_ADMINISTRATORS),
    Row("person", "GET", 200, pages=ONLY_ADMINISTRATORS),
    Row("person", "POST", 302, data={"action": "role", "role": "viewer"}, pages=ONLY_ADMINISTRATORS),
    Row("password_change", "GET", 200),
    Row("password_change", "POST", 200),
    Row("password_change_done", "GET", 200),
    Row("admin_password_change", "GET", 302),
    Row("admin_logout", "POST", 302),
    Row("logout", "POST", 302),
]
# What is open to everybody, signed in or not, and how it answers them; to people as to programs.
OPEN = {
    ("login", "GET"): {200, 302},
    # Whoever has a link that works may choose a password; this one does not.
    ("forgotten_password", "GET"): {404},  # without a mail server
    ("open_password_link", "GET"): {200},
    ("open_password_link", "POST"): {200},
    ("password_link", "GET"): {200},
    # There is no other way to sign in than the one: it leads there, or says that the person is no administrator.
    ("admin_login", "GET"): {302, 403},
    # Whoever has the link of a share sees what it shows; of this one, nobody has.
    ("shared", "GET"): {404},
    ("shared", "POST"): {404},
    ("shared_download", "GET"): {404},
    ("shared_urls", "GET"): {404},
    ("shared_asset", "GET"): {404},
    ("shared_preview", "GET"): {404},
    ("shared_original", "GET"): {404},
    # The share menu of a phone: nothing is read, and everybody is led to the upload page.
    ("upload_shared", "GET"): {302},
    ("upload_shared", "POST"): {302},
    ("upload_share_worker", "GET"): {200},
    ("healthz", "GET"): {200},
    ("api_docs", "GET"): {200},
    ("api_schema", "GET"): {200},
    ("manifest", "GET"): {200},
    ("readyz", "GET"): {503},
    ("favicon.ico", "GET"): {302},
    # The sandbox asks for the key of its API instead, and serves what it was given to everybody, as Segmind does.
    ("sandbox/upload-asset", "POST"): {401},
    ("sandbox/get-user-credits", "GET"): {401},
    ("sandbox/models", "GET"): {200},
    ("sandbox/llms.txt", "GET"): {200},
    ("sandbox/assets/<str:kind>/<uuid:pk>", "GET"): {404},
    ("sandbox/request-history", "GET"): {401},
    ("sandbox/outputs/<int:number>/<int:part>.png", "GET"): {404},
}
NO_SHARE = ["A" * 43]
OPEN_ARGUMENTS = {
    "password_link": ["MQ", "no-token"],
    **dict.fromkeys(("shared", "shared_download", "shared_urls"), NO_SHARE),
    **{key: [*NO_SHARE, uuid.uuid4()] for key in ("shared_asset", "shared_preview", "shared_original")},
}
# Below /admin/ there is one rule for each view of each model, and for all that is beside them: administrators get it,
# and nobody else gets anything.
ADMIN = {"changelist": {200}, "add": {200, 403}, "change": {200}, "delete": {200, 403}, "history": {200, 302}}
ARGUMENTS = {"app_label": "assets", "content_type_id": 10**6, "url": "nowhere", "kind": "image_png", "number": 1}
