"""Other programs are told what happens to the team's assets, signed, once it has happened, and in spite of trouble."""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from assets.audit.log import LogEntry
from assets.models import Asset, LinkStatus, Role, State, StoredFile, Webhook, WebhookDelivery
from assets.models.links import LinkCheck
from assets.models.webhooks import PAUSES, DeliveryState, Event
from assets.webhooks import deliver, post
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset, many_assets
from tests.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db

MANAGER = {"role": Role.MANAGER}


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.DEBUG = True  # which lets webhooks reach this machine
    settings.SITE_URL = "https://assets.example.com"
    with receiving() as server:
        yield server


@pytest.fixture
def manager(db):
    return a_user("mia", email="mia@example.com", **MANAGER)


@pytest.fixture
def webhook(receiver, manager) -> Webhook:
    return Webhook.objects.create(url=receiver.url, events=" ".join(Event), salt="s", created_by=manager)


def send(webhook, now=None):
    """What is due at this moment."""
    deliver.send(webhook.pk, now or timezone.now())


def told(receiver, webhook) -> list[tuple[str, str]]:
    """The type and the asset's id of what was received, after its signature was verified."""
    verifier = Verifier(webhook.secret)
    bodies = [verifier.verify(body, headers) for headers, body in receiver.received]
    return [(body["type"], body["data"]["asset"] and body["data"]["asset"]["id"]) for body in bodies]


def test_a_manager_adds_a_webhook_and_its_test_event_arrives_signed(receiver, manager, work):
    client = client_of(manager)
    page = client.post("/webhooks/", {"url": receiver.url, "events": ["asset.stored"]}).content.decode()
    (secret,) = set(re.findall(r"whsec_[\w+/=]+", page))
    webhook = Webhook.objects.get()
    client.post(webhook.get_absolute_url(), {"action": "test"})
    work()
    ((headers, body),) = receiver.received
    assert Verifier(secret).verify(body, headers)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body + b" ", headers)
    delivery = webhook.deliveries.get()
    assert headers["webhook-id"] == str(delivery.pk)
    assert (delivery.state, delivery.status) == (DeliveryState.DELIVERED, 204)
    pages = [client.get(address).content.decode() for address in ("/webhooks/", webhook.get_absolute_url())]
    assert all("whsec_" not in each for each in pages)
    assert "Send again" in pages[1]
    assert "js/dialog.js" in pages[1]  # without the navigation, nothing else opens dialogs
    stored = json.dumps([*Webhook.objects.values(), *LogEntry.objects.values()], default=str)
    assert secret not in stored
    assert "in-the-address" not in json.dumps(list(LogEntry.objects.values()), default=str)
    assert "Make a new secret?" in client.get(f"{webhook.get_absolute_url()}?ask=secret").content.decode()
    new = client.post(webhook.get_absolute_url(), {"action": "secret"}).content.decode()
    assert "whsec_" in new
    assert secret not in new


def test_what_happens_to_assets_is_told_after_it_has_happened(receiver, webhook, ana, as_ana):
    file = a_stored_file(state=State.QUEUED)
    asset = an_asset(owner=ana, stored_file=file, title="Sea")
    an_asset(stored_file=file, visibility="private")
    failing = an_asset(owner=ana, stored_file=a_stored_file(state=State.QUEUED, content=a_picture(text="b")))
    now = timezone.now()
    url = "https://images.segmind.com/a.png"
    with transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).mark_stored({file.pk: url}, now)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()
    StoredFile.objects.filter(pk=file.pk).mark_stored({file.pk: url}, now)
    StoredFile.objects.filter(pk=failing.stored_file_id).fail("Segmind refused it.")
    for status in (LinkStatus.BROKEN, LinkStatus.BROKEN, LinkStatus.CHANGED):
        StoredFile.objects.filter(pk=file.pk).record_link_check(LinkCheck(status, status, 2, None), now)
    as_ana.post(f"{asset.get_absolute_url()}trash/")
    send(webhook)
    assert told(receiver, webhook) == [
        ("asset.stored", str(asset.pk)),
        ("asset.failed", str(failing.pk)),
        ("asset.broken", str(asset.pk)),
        ("asset.trashed", str(asset.pk)),
    ]
    first = json.loads(receiver.received[0][1])["data"]["asset"]
    assert first["page"] == f"https://assets.example.com{asset.get_absolute_url()}"
    assert (first["title"], first["url"]) == ("Sea", url)


def test_a_duplicate_is_stored_at_once(receiver, webhook, as_ben, upload):
    content = a_picture()
    an_asset(stored_file=a_stored_file(content=content))
    known = upload(as_ben, ("a.png", content))["results"][0]["asset"]
    send(webhook)
    assert told(receiver, webhook) == [("asset.stored", known["id"])]


def test_private_and_deleted_assets_are_not_told(receiver, webhook, ana):
    assets = [an_asset(owner=ana, title=f"Asset {number}") for number in range(3)]
    for asset in assets:
        asset.trash(timezone.now())
    Asset.objects.filter(pk=assets[0].pk).update(visibility="private")
    assets[1].delete()
    send(webhook)
    assert told(receiver, webhook) == [("asset.trashed", str(assets[2].pk))]
    assert webhook.deliveries.filter(state=DeliveryState.DROPPED).count() == 2
    private = an_asset(owner=ana, visibility="private")
    private.trash(timezone.now())
    assert not webhook.deliveries.filter(asset_id=private.pk).exists()


def test_what_fails_is_tried_again_with_growing_pauses_for_a_day(receiver, webhook, ana):
    receiver.status, receiver.answer = 500, b"<b>\x00down</b> " * 100
    asset = an_asset(owner=ana)
    now = timezone.now()
    asset.trash(now)
    moments = []
    while (delivery := webhook.deliveries.get()).state == DeliveryState.WAITING:
        moments.append(delivery.next_attempt_at)
        send(webhook, delivery.next_attempt_at)
    pauses = [after - before for before, after in itertools.pairwise(moments)]
    assert pauses == [*PAUSES, *PAUSES[-1:] * 2]
    assert delivery.state == DeliveryState.FAILED
    assert len(delivery.answer) == 200
    assert "\x00" not in delivery.answer
    assert moments[-1] - moments[0] < timedelta(days=1)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    page = client_of(webhook.created_by).get(webhook.get_absolute_url()).content.decode()
    assert "&lt;b&gt; down" in page


def test_a_dead_endpoint_is_asked_once_at_a_time_then_paused_and_its_manager_told(
    receiver, webhook, ana, settings, mailoutbox
):
    settings.CAN_MAIL = True
    receiver.status = 302
    for asset in many_assets(3, owner=ana):
        asset.trash(timezone.now())
    now = timezone.now()
    send(webhook, now)
    assert len(receiver.received) == 1  # which leads elsewhere, and is not followed
    webhook.refresh_from_db()
    assert webhook.free_at == now + PAUSES[0]
    assert not Webhook.objects.due(now).exists()
    deliver.end_late(now + timedelta(days=1))
    assert webhook.deliveries.filter(state=DeliveryState.FAILED).count() == 3
    an_asset(owner=ana, content=a_picture(text="late")).trash(timezone.now())
    send(webhook, now + timedelta(days=3))
    webhook.refresh_from_db()
    assert webhook.paused_at
    assert [mail.to for mail in mailoutbox] == [["mia@example.com"]]
    assert "in-the-address" not in mailoutbox[0].body
    an_asset(owner=ana, content=a_picture(text="later")).trash(timezone.now())
    assert webhook.deliveries.count() == 4
    client = client_of(webhook.created_by)
    assert "Every request of the last three days failed." in client.get("/webhooks/").content.decode()
    client.post(webhook.get_absolute_url(), {"action": "resume"})
    receiver.status = 200
    again = webhook.deliveries.filter(state=DeliveryState.FAILED).first()
    client.post(f"{webhook.get_absolute_url()}deliveries/{again.pk}/")
    send(webhook)
    again.refresh_from_db()
    assert again.state == DeliveryState.DELIVERED
    assert Webhook.objects.get().failing_since is None


def test_an_address_inside_the_network_is_not_reached(receiver, webhook, settings):
    settings.DEBUG = False
    for url in (receiver.url, "https://127.0.0.1/", "https://localhost/"):
        assert post.post(url, b"{}", {}) == post.Answer(None, post.UNREACHABLE)
    assert receiver.received == []
    for url in ("http://a.example.com", "https://a.example.com:8443", "https://me:word@a.example.com", "ftp://a"):
        response = client_of(webhook.created_by).post("/webhooks/", {"url": url, "events": ["asset.stored"]})
        assert response.status_code == 400
        assert "Enter an https address on port 443" in response.content.decode()


def test_many_assets_cost_few_statements_and_none_more_without_a_webhook(
    ana, manager, django_assert_max_num_queries, django_assert_num_queries
):
    assets = many_assets(1000, owner=ana)
    chosen = Asset.objects.filter(pk__in=[asset.pk for asset in assets])
    with django_assert_num_queries(1):
        chosen.announce(Event.TRASHED)
    Webhook.objects.create(url="https://a.example.com", events="asset.trashed", salt="s", created_by=manager)
    # SQLite takes some 70 rows in a statement, PostgreSQL 500.
    with django_assert_max_num_queries(20):
        chosen.announce(Event.TRASHED)
    assert WebhookDelivery.objects.count() == 1000


def test_what_ended_long_ago_is_deleted(webhook):
    now = timezone.now()
    for days in (29, 31):
        webhook.deliveries.create(
            type="webhook.test", at=now, queued_at=now, state="failed", finished_at=now - timedelta(days=days)
        )
    deliver.end_late(now)
    assert webhook.deliveries.count() == 1


def test_programs_look_after_webhooks_with_the_admin_scope(receiver, manager, ana, program_of):
    program = program_of(manager, "admin")
    wanted, kind = {"url": receiver.url, "events": ["asset.stored"]}, "application/json"
    made = program.post("/webhooks", wanted, content_type=kind, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201
    secret, path = made.json()["secret"], f"/webhooks/{made.json()['id']}"
    again = program.post("/webhooks", wanted, content_type=kind, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "known")
    assert secret not in program.get(path).content.decode()
    assert program.patch(path, {"events": ["asset.trashed"]}, content_type=kind).json()["events"] == ["asset.trashed"]
    assert program.patch(path, {"is_paused": True}, content_type=kind).json()["is_paused"]
    assert not program.patch(path, {"is_paused": False}, content_type=kind).json()["is_paused"]
    assert program.post(f"{path}/test").status_code == 202
    send(Webhook.objects.get())
    (delivery,) = program.get(f"{path}/deliveries?state=delivered").json()["items"]
    assert program.post(f"{path}/deliveries/{delivery['id']}/send-again").json()["state"] == "waiting"
    assert program.post(f"{path}/secret").json()["secret"] not in ("", secret)
    assert program_of(manager, "read", "write").get("/webhooks").json()["code"] == "scope"
    assert program_of(ana).get("/webhooks").status_code == 403
    assert program.delete(path).status_code == 204
    assert program.get("/webhooks").json()["items"] == []
