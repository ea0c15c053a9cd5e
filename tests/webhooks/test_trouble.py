"""What may come between an event and its webhook: the clock, a change in mid-delivery, and answers of all kinds."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from standardwebhooks import Webhook as Verifier

from assets.models import State, StoredFile, Webhook, WebhookDelivery
from assets.models.webhooks import PAUSES, DeliveryState
from assets.webhooks import deliver, post
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, an_asset, many_assets
from tests.support.raw_server import serving
from tests.webhooks.test_webhooks import manager, receiver, send, told, webhook

__all__ = ["manager", "receiver", "webhook"]  # fixtures
ANY_VERSION = {"If-Match": "*"}
pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(receiver, work) -> None:
    """Have something done while the first event is on its way."""

    def once() -> None:
        receiver.meanwhile = None
        work()
        connection.close()  # that of the receiver's thread

    receiver.meanwhile = once


def trash(owner, number: int) -> None:
    for asset in many_assets(number, owner=owner):
        asset.trash(timezone.now())


def test_one_that_is_removed_in_mid_delivery_is_told_no_more(receiver, webhook, ana):
    trash(ana, 3)
    meanwhile(receiver, lambda: Webhook.objects.all().delete())
    send(webhook)
    assert len(receiver.received) == 1
    assert not WebhookDelivery.objects.exists()


def test_a_pause_and_a_new_secret_hold_from_the_next_event_on(receiver, webhook, ana):
    trash(ana, 3)
    meanwhile(receiver, lambda: Webhook.objects.update(salt="new"))
    send(webhook)
    new = Verifier(Webhook.objects.get().secret)
    assert [new.verify(body, headers)["type"] for headers, body in receiver.received[1:]] == ["asset.trashed"] * 2
    trash(ana, 2)
    meanwhile(receiver, lambda: Webhook.objects.get().pause(timezone.now()))
    send(webhook)
    assert len(receiver.received) == 4


def test_one_that_is_paused_sends_no_test_and_nothing_again(receiver, webhook, ana, program_of):
    trash(ana, 1)
    send(webhook)
    webhook.pause(timezone.now())
    path, delivery = f"/webhooks/{webhook.pk}", webhook.deliveries.get()
    for address in (f"{path}/test", f"{path}/deliveries/{delivery.pk}/send-again"):
        refused = program_of(webhook.created_by, "admin").post(address)
        assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    page = client_of(webhook.created_by).post(webhook.get_absolute_url(), {"action": "test"}, follow=True)
    assert "This webhook is paused. Resume it first." in page.content.decode()
    assert not webhook.deliveries.filter(state=DeliveryState.WAITING).exists()


def test_what_a_wrong_clock_has_written_waits_for_no_year(receiver, webhook, ana):
    trash(ana, 1)
    now, later = timezone.now(), timezone.now() + timedelta(days=400)
    Webhook.objects.update(free_at=later + PAUSES[0], failures=1, failing_since=later)
    webhook.deliveries.update(next_attempt_at=later + PAUSES[0], queued_at=later)
    receiver.status = 500
    assert Webhook.objects.due(now).exists()
    send(webhook, now)
    webhook.refresh_from_db()
    assert webhook.failing_since == webhook.deliveries.get().queued_at == now
    assert webhook.free_at <= now + PAUSES[1]
    deliver.end_late(now + timedelta(days=1))
    assert webhook.deliveries.get().state == DeliveryState.FAILED


def test_the_first_event_after_quiet_days_is_tried_again_before_its_webhook_is_paused(receiver, webhook, ana):
    receiver.status = 500
    now = timezone.now()
    Webhook.objects.update(failures=9, failing_since=now - timedelta(days=5))
    trash(ana, 1)
    send(webhook)
    assert Webhook.objects.get().paused_at is None
    send(webhook, now + timedelta(hours=7))
    assert Webhook.objects.get().paused_at


def test_a_worker_that_died_in_mid_delivery_is_followed_by_another(receiver, webhook, ana):
    trash(ana, 1)
    now = timezone.now()
    deliver.plan(now)
    delivery = webhook.deliveries.get()
    WebhookDelivery.objects.claim(delivery, now)
    # Its task is there, however long it waits behind slow webhooks: there is never a second one.
    deliver.plan(now + timedelta(hours=1))
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.all().delete()
    deliver.plan(now + timedelta(hours=1))
    assert DBTaskResult.objects.count() == 1
    send(webhook, now + timedelta(hours=1))
    assert [headers["webhook-id"] for headers, _ in receiver.received] == [str(delivery.pk)]


def test_what_the_team_did_not_see_before_is_new_to_it(receiver, webhook, ana, as_ana, program):
    files = [a_stored_file(content=a_picture(text=text)) for text in "abc"]
    files.append(a_stored_file(state=State.QUEUED, content=a_picture(text="d")))
    edited, chosen, again, waiting = (an_asset(owner=ana, stored_file=file, visibility="private") for file in files)
    change = {"action": "visibility", "visibility": "team", "confirmed": "yes", "since": timezone.now().isoformat()}
    program.patch(f"/assets/{edited.pk}", {"visibility": "team"}, content_type="application/json", headers=ANY_VERSION)
    as_ana.post("/assets/bulk/", {**change, "id": [chosen.pk, waiting.pk]})
    again.trash(timezone.now())
    as_ana.post(f"{again.get_absolute_url()}restore/")
    as_ana.post(f"{chosen.get_absolute_url()}trash/")
    as_ana.post(f"{chosen.get_absolute_url()}restore/")
    send(webhook)
    assert told(receiver, webhook) == [
        ("asset.stored", str(edited.pk)),
        ("asset.stored", str(chosen.pk)),
        ("asset.trashed", str(chosen.pk)),
        ("asset.stored", str(chosen.pk)),
    ]


def test_another_url_is_told(receiver, webhook, ana):
    asset = an_asset(owner=ana, stored_file=a_stored_file(url="https://images.segmind.com/a.png"))
    StoredFile.objects.filter(pk=asset.stored_file_id).change_url("https://images.segmind.com/b.png")
    send(webhook)
    assert json.loads(receiver.received[0][1])["data"]["asset"]["url"] == "https://images.segmind.com/b.png"


ANSWERS = {
    "cut": (204, b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"),
    "garbled": (200, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip"),
    "pieces": (200, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n"),
    "nowhere": (302, b"HTTP/1.1 302 Found\r\nLocation: https://[\r\n\r\n"),
    "letters": (302, b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\n\r\n"),
    "endless": (302, b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" + bytes(50_000_000)),
    "headers": (200, b"HTTP/1.1 200 OK\r\nnone at all\r\n\r\n"),
    "nothing": (None, b""),
}


@pytest.mark.parametrize("path", ANSWERS)
def test_the_status_counts_whatever_comes_with_it(settings, caplog, path):
    settings.DEBUG = True
    status, answer = ANSWERS[path]
    logging.getLogger("urllib3").setLevel("ERROR")
    with serving({path: lambda: iter([answer])}) as server:
        assert post.post(server.url(path), b"{}", {}).status == status
        assert server.sent < 50_000_000
    assert path not in caplog.text
