"""The response of every URL, for every role and every owner of the object. A new URL without a row fails a test.

Denied requests change nothing, and nobody sees what others keep private.
"""

import uuid
from collections.abc import Iterator
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
    GenerationHistory,
    GenerationRun,
    LinkStatus,
    PersonalToken,
    ReferenceSet,
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
from tests.access_rows import (
    ADMIN,
    ARGUMENTS,
    ASSETS,
    LABELS,
    OPEN,
    OPEN_ARGUMENTS,
    PAGES,
    ROLES,
    RULES,
    SIGN_IN,
    SIGNED_OUT,
    SUBJECTS,
    Row,
)
from tests.conftest import client_of
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

# The sandbox normally has URLs only without an API key; here it is always tested.
urlpatterns = [*site_urlpatterns, path("sandbox/", include("segmind_site.sandbox"))]

PRIVATE_WORD = "Sapphire"  # in every text of private objects


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


def create_set(title: str, visibility: str, assets: list[Asset]) -> ReferenceSet:
    made = ReferenceSet.objects.create(owner=a_user(role=Role.MEMBER), title=title, visibility=visibility)
    for position, asset in enumerate(assets):
        made.members.create(asset=asset, kind=asset.kind, position=position)
    return made


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
    known = {row.name for row in (*ASSETS, *LABELS, *PAGES)} | {name for name, _ in OPEN}
    found = {
        name
        for name, _ in addresses(get_resolver(__name__).url_patterns)
        if not name.startswith(("admin:", "admin/", "v1:"))
    }
    assert found - known == set(), "give it a row in tests/access_rows.py"
    assert known - found == set(), "a row for what is not there"


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("row", ASSETS, ids=lambda row: f"{row.name}-{row.method}")
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
        "model": ["seedance-2.0"],
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
    GenerationHistory.objects.create(is_on=True)
    run = GenerationRun.objects.create(request_id="1", model="flux", made_at=timezone.now())
    arguments |= {"run": [run.pk], "purge_run": [run.pk]}
    arguments |= {"webhook": [webhook.pk], "send_webhook_again": [webhook.pk, told.pk]}
    arguments |= {key: [share.pk] for key in ("share", "revoke_share")}
    arguments |= {key: ["seedance-2.0"] for key in ("ready_request", "record_copy", "batch")}
    shown = create_set("Of the team", Visibility.TEAM, [assets["team"], assets["private"]])
    create_set(PRIVATE_WORD, Visibility.PRIVATE, [assets["team"]])
    actions = ("reference_set", "choose_assets", "copy_set", "pin_set", "duplicate_set", "delete_set", "restore_set")
    arguments |= {key: [shown.pk] for key in actions} | {"undo_set": [shown.pk, 1]}
    address = reverse(row.name, args=arguments.get(row.name))
    if row.name == "cards":
        address += "?" + "&".join(f"id={asset.pk}" for asset in assets.values())
    for role, status in cells_of(row, "own").items():
        check(clients, row, role, address, status)


@pytest.mark.parametrize(("name", "method"), OPEN)
def test_public_urls(clients, name, method):
    address = f"/{name}".replace("<str:kind>", "image_png").replace("<uuid:pk>", str(uuid.uuid4()))
    address = address.replace("<int:number>", "1").replace("<int:part>", "1")
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
