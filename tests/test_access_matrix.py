"""The response of every URL, for every role and every owner of the object. A new URL without a row fails a test.

Denied requests change nothing, and nobody sees what others keep private.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, include, path, reverse
from django.utils import timezone

from assets.models import (
    Asset,
    LinkStatus,
    PersonalToken,
    Role,
    SavedSearch,
    Share,
    State,
    StoredFile,
    Visibility,
    Webhook,
    WebhookDelivery,
)
from segmind_site.urls import urlpatterns as site_urlpatterns
from tests.conftest import client_of
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

# The sandbox normally has URLs only without an API key; here it is always tested.
urlpatterns = [*site_urlpatterns, path("sandbox/", include("segmind_site.sandbox"))]

ROLES = ("anonymous", "viewer", "member", "manager", "administrator", "deactivated")
SIGN_IN = 302  # redirect to the sign-in page
# Answered before the files are read: what follows a redirect would lose them.
SIGNED_OUT = {("upload", "POST"): 401}
PRIVATE_WORD = "Sapphire"  # in every text of private objects


def table(text: str) -> dict[str, dict[str, str]]:
    """Rows of words: the name of the row, and the response for each signed-in role."""
    rows = [line.split() for line in text.strip().splitlines()]
    return {name: dict(zip(ROLES[1:5], cells, strict=True)) for name, *cells in rows}


# --- The matrix --------------------------------------------------------------------------------------------------

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


ENTRIES = [
    Row("asset", "GET", 200, "see"),
    Row("asset", "POST", 302, "change", {"title": "Changed"}),
    Row("trash_asset", "POST", 302, "change"),
    Row("restore_asset", "POST", 302, "change"),
    Row("retry_asset", "POST", 302, "send_again"),
    Row("reupload_asset", "POST", 302, "send_again"),
    Row("favourite", "POST", 302, "see", {"on": "1"}),
    Row("use", "POST", 204, "see"),
    Row("copy_as", "GET", 200, "see"),
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
    Row("webhooks", "GET", 200, pages=ONLY_MANAGERS),
    Row("webhooks", "POST", 200, data={"url": "https://a.example.com", "events": "asset.stored"}, pages=ONLY_MANAGERS),
    Row("webhook", "GET", 200, pages=ONLY_MANAGERS),
    Row("webhook", "POST", 302, data={"action": "test"}, pages=ONLY_MANAGERS),
    Row("send_webhook_again", "POST", 302, pages=ONLY_MANAGERS),
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
    ("sandbox/assets/<str:kind>/<uuid:pk>", "GET"): {404},
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


# --- Who asks, and for what --------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _routes(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def people(db) -> dict[str, Any]:
    found = {role.value: a_user(role.value, role=role) for role in Role}
    return found | {"anonymous": None, "deactivated": a_user("deactivated", role=Role.MEMBER)}


@pytest.fixture
def clients(people) -> dict[str, Client]:
    clients = {name: client_of(person) if person else Client() for name, person in people.items()}
    # Closed while they are signed in.
    type(people["deactivated"]).objects.filter(username="deactivated").update(is_active=False)
    return clients


def create_asset(subject: str, person: Any) -> Asset:
    """An asset of a person or of somebody else, with a file that can be retried."""
    is_own, is_private = subject.startswith("own"), "private" in subject
    file = a_stored_file(link_status=LinkStatus.BROKEN, media_type="image/png")
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    name = PRIVATE_WORD if is_private and not is_own else f"Thing-{subject}"
    asset = an_asset(
        owner=person if is_own and person else a_user(role=Role.MEMBER),
        stored_file=file,
        title=f"{name} title",
        file_name=f"{name}.png",
        description=f"{name} description",
        visibility=Visibility.PRIVATE if is_private else Visibility.TEAM,
        trashed_at=timezone.now() if subject.endswith("trashed") else None,
    )
    asset.set_labels(tags=[f"{name} tag"], collections=[f"{name} collection"])
    return asset


def asked(client: Client, row: Row, address: str) -> HttpResponseBase:
    if row.method == "GET":
        return client.get(address, row.data or {})
    if isinstance(row.data, str):
        return client.post(address, row.data, content_type="application/json")
    if row.name == "upload":
        return client.post(address, {"files": ContentFile(b"%PDF-1.4 a file", name="a.pdf")})
    return client.post(address, row.data or {})


def text_of(response: HttpResponseBase) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def everything() -> list[Any]:
    """All rows there are, but for who is signed in. Written out: Django takes ten times as long for its queries."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label != "sessions"]
    with connection.cursor() as cursor:
        return [cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1").fetchall() for model in models]


def expected(cell: str, row: Row) -> int:
    return row.yes if cell == "yes" else int(cell)


def check(clients: dict[str, Client], row: Row, role: str, address: str, status: int) -> None:
    """The answer has this status, tells nothing of what others keep private, and a denied one changed nothing."""
    before = everything() if row.method == "POST" else None
    with transaction.atomic():
        response = asked(clients[role], row, address)
        assert response.status_code == status, (role, address)
        if status == SIGN_IN and role in ("anonymous", "deactivated"):
            sign_in = "/accounts/login/" if "logout" in row.name else "/accounts/login/?next="
            assert response["location"].startswith(sign_in), (role, address)
        if PRIVATE_WORD in text_of(response):
            raise AssertionError(f"{role} is told at {address} what somebody else keeps private")
        if before and (status >= 400 or role in ("anonymous", "deactivated")):
            assert everything() == before, (role, address)
        transaction.set_rollback(True)


def cells_of(row: Row, subject: str) -> dict[str, int]:
    cells = RULES[row.rule][subject] if row.rule else dict(zip(ROLES[1:5], row.pages.split(), strict=True))
    known = {role: expected(cell, row) for role, cell in cells.items()}
    return {role: known.get(role, SIGNED_OUT.get((row.name, row.method), SIGN_IN)) for role in ROLES}


# --- The walk ----------------------------------------------------------------------------------------------------


def addresses(patterns: Any, names: tuple[str, ...] = (), routes: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All patterns of the project: by name, or by route where they have none."""
    for pattern in patterns:
        route = routes + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*names, pattern.namespace) if pattern.namespace else names
            yield from addresses(pattern.url_patterns, inner, route)
        else:
            yield ":".join((*names, pattern.name)) if pattern.name else route, pattern


def test_every_url_has_a_row():
    known = {row.name for row in (*ENTRIES, *LABELS, *PAGES)} | {name for name, _ in OPEN}
    found = {
        name
        for name, _ in addresses(get_resolver(__name__).url_patterns)
        if not name.startswith(("admin:", "admin/", "v1:"))
    }
    assert found - known == set(), "give it a row in this file"
    assert known - found == set(), "a row for what is not there"


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("row", ENTRIES, ids=lambda row: f"{row.name}-{row.method}")
def test_urls_of_an_asset(clients, people, row, subject):
    for role, status in cells_of(row, subject).items():
        asset = create_asset(subject, people[role])
        if row.name == "retry_asset":
            StoredFile.objects.filter(pk=asset.stored_file_id).update(state=State.FAILED, error="no", url="")
        number = [1] if row.name == "page" else []
        check(clients, row, role, reverse(row.name, args=[asset.pk, *number]), status)


@pytest.mark.parametrize("subject", [subject for subject in SUBJECTS if "trashed" not in subject])
@pytest.mark.parametrize("row", LABELS, ids=lambda row: f"{row.name}-{row.method}")
def test_urls_of_a_label(clients, people, row, subject):
    for role, status in cells_of(row, subject).items():
        asset = create_asset(subject, people[role])
        noun, _, part = row.name.partition("_")
        label = getattr(asset, f"{noun}s").get()
        arguments = {"": [label.pk], "place": [label.full_name], "setting": [label.pk, "edit"]}
        check(clients, row, role, reverse(row.name, args=arguments[part]), status)
        asset.delete()


@pytest.mark.parametrize("row", PAGES, ids=lambda row: f"{row.name}-{row.method}")
def test_list_pages(clients, people, row):
    assets = {
        subject: create_asset(subject, people["member"]) for subject in ("own", "team", "private", "team_trashed")
    }
    share = Share.objects.create(created_by=a_user(role=Role.MEMBER), name=PRIVATE_WORD, includes_private=True)
    arguments = {
        "export": ["csv"],
        "person": [people["member"].pk],
        "private_collection_place": ["Nothing"],
        "undo_step": [uuid.uuid4()],
        "resumable_upload": [uuid.uuid4()],
    }
    SavedSearch.objects.create(owner=people["deactivated"], name=PRIVATE_WORD, text=PRIVATE_WORD)
    saved = SavedSearch.objects.create(name="Of the team", text="tag:sea")
    arguments["saved_search"] = [saved.pk]
    token = PersonalToken.objects.create(
        person=a_user(), name=PRIVATE_WORD, created_at=timezone.now(), expires_at=timezone.now()
    )
    arguments["token"] = [token.pk]
    webhook = Webhook.objects.create(url="https://b.example.com", events="asset.stored")
    told = WebhookDelivery.objects.create(
        webhook=webhook, type="webhook.test", at=timezone.now(), queued_at=timezone.now()
    )
    arguments |= {"webhook": [webhook.pk], "send_webhook_again": [webhook.pk, told.pk]}
    arguments |= {key: [share.pk] for key in ("share", "revoke_share")}
    address = reverse(row.name, args=arguments.get(row.name))
    if row.name == "cards":
        address += "?" + "&".join(f"id={asset.pk}" for asset in assets.values())
    for role, status in cells_of(row, "own").items():
        check(clients, row, role, address, status)


@pytest.mark.parametrize(("name", "method"), OPEN)
def test_public_urls(clients, name, method):
    address = f"/{name}".replace("<str:kind>", "image_png").replace("<uuid:pk>", str(uuid.uuid4()))
    for role in ROLES:
        url = reverse(name, args=OPEN_ARGUMENTS.get(name)) if "/" not in name and "." not in name else address
        response = clients[role].generic(method, url)
        assert response.status_code in OPEN[name, method], role


def admin_addresses() -> list[str]:
    return [name for name, _ in addresses(get_resolver(__name__).url_patterns) if name.startswith("admin:")]


def row_of(name: str) -> Any:
    """A row of the model that an address of the administration is about; None for other addresses, or without rows."""
    application, _, rest = name.removeprefix("admin:").rpartition("_")[0].rpartition("_")
    model = apps.all_models[application].get(rest) if application else None
    return model and model._default_manager.first()


@pytest.mark.slow
@pytest.mark.parametrize("name", admin_addresses())
def test_the_admin_is_only_for_administrators(clients, name):
    create_asset("private", None)
    a_request(outcome="stored")
    pattern = next(found for known, found in addresses(get_resolver(__name__).url_patterns) if known == name)
    row = row_of(name)
    pk = row.pk if row else 1
    address = reverse(name, kwargs={key: ARGUMENTS.get(key, pk) for key in pattern.pattern.regex.groupindex})
    view = name.rpartition("_")[2]
    answers = ADMIN.get(view if row or view in ("changelist", "add") else "", set(range(200, 500)))
    response = clients["administrator"].get(address)
    assert response.status_code in answers
    assert text_of(response) is not None
    before = everything()
    for role in set(ROLES) - {"administrator"}:
        for ask in (clients[role].get, clients[role].post):
            response = ask(address)
            assert response.status_code in (302, 403, 404, 405) or name == "admin:login", role
            assert PRIVATE_WORD not in text_of(response), role
    assert everything() == before


# --- Many at once ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES[1:5])
@pytest.mark.parametrize(
    ("action", "rule"), [("tag", "change"), ("trash", "change"), ("restore", "change"), ("favourite", "see")]
)
def test_bulk_actions_change_only_assets_the_person_may_change(clients, people, role, action, rule):
    assets = {subject: create_asset(subject, people[role]) for subject in SUBJECTS}
    sent = {"action": action, "tags": "common", "confirmed": "1", "id": [asset.pk for asset in assets.values()]}
    status = clients[role].post("/assets/bulk/", sent).status_code
    assert status == (403 if role == "viewer" and rule == "change" else 302)
    may = {subject for subject in SUBJECTS if RULES[rule][subject][role] == "yes" and status == 302}
    is_done = {
        "tag": lambda asset: asset.tags.filter(name="common").exists(),
        "trash": lambda asset: asset.trashed_at is not None,
        "restore": lambda asset: asset.trashed_at is None,
        "favourite": lambda asset: asset.favourites.exists(),
    }[action]
    was_so = {"trash": "_trashed", "restore": ""}.get(action)
    for subject, asset in assets.items():
        asset.refresh_from_db()
        already = was_so is not None and subject.endswith("_trashed") == bool(was_so)
        assert is_done(asset) == (subject in may or already), subject
