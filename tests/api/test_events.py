"""What changed, for programs that keep a copy of the library."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.utils import timezone

from assets.links.policy import apply_result
from assets.models import Collection, StoredFile, Tag
from assets.models.links import LinkStatus
from assets.models.settled import settled_until
from tests.api.test_organising import send
from tests.support.factories import a_stored_file, an_asset

pytestmark = pytest.mark.django_db


def read_events(program, after):
    """All there are. What happened just now is not told at once; here, some time has passed."""
    LogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=1))
    answer = program.get(f"/events?after={after}&limit=500").json()
    return [(event["kind"], event["asset_id"]) for event in answer["items"]], answer["next"]


def test_events_tell_what_changed_and_nothing_of_what_is_private(program, ana, ben, program_of):
    start = program.get("/events?after=now").json()["next"]
    asset = an_asset(owner=ana, state="queued")
    secret = an_asset(owner=ben, state="queued", visibility="private")
    path = f"/assets/{asset.pk}"
    send(program, "patch", path, title="New", version=program.get(path).json()["version"])
    theirs = program_of(ben)
    version = program.get(path).json()["version"]
    send(program, "patch", path, visibility="private", version=version)
    found, place = read_events(theirs, start)
    assert found == [("created", str(secret.pk)), ("hidden", str(asset.pk))]
    send(program, "patch", path, visibility="team", version=program.get(path).json()["version"])
    program.delete(path)
    program.post(f"{path}/restore")
    program.delete(path)
    program.delete(f"{path}?permanent=true")
    assert read_events(theirs, place)[0] == [("deleted", str(asset.pk))]
    found, place = read_events(program, start)
    assert {pk for _, pk in found} == {str(asset.pk)}
    assert read_events(program, place) == ([], place)
    assert program.get("/events?after=0.9999999999999999999").status_code == 422


def test_events_tell_what_became_of_uploads(program, ana, ben):
    start = program.get("/events?after=now").json()["next"].partition(".")[0]
    earlier = timezone.now() - timedelta(minutes=5)
    stored = [an_asset(owner=ana, stored_file=a_stored_file(stored_at=earlier)) for _ in range(3)]
    failed = an_asset(owner=ana, stored_file=a_stored_file(state="failed", failed_at=earlier + timedelta(minutes=1)))
    an_asset(owner=ben, stored_file=a_stored_file(stored_at=earlier), visibility="private")
    # Too late to be told yet, however long this takes.
    an_asset(owner=ana, stored_file=a_stored_file(stored_at=timezone.now() + timedelta(minutes=1)))
    place, seen = f"{start}.{int(earlier.timestamp() - 60) * 10**6}", []
    while True:
        page = program.get(f"/events?after={place}&limit=1").json()
        seen += [(event["kind"], event["asset_id"]) for event in page["items"] if event["kind"] in ("stored", "failed")]
        if page["next"] == place:
            break
        place = page["next"]
    assert set(seen[:3]) == {("stored", str(asset.pk)) for asset in stored}
    assert seen[3:] == [("failed", str(failed.pk))]


def see(file, result, *, times=1):
    """What checks of its URL found, a minute after the ones before."""
    began = timezone.now()
    for _ in range(times):
        file.refresh_from_db()
        now = timezone.now()
        StoredFile.objects.filter(pk=file.pk).record_link_check(apply_result(file, result, now), now)
    StoredFile.objects.filter(link_changed_at__gt=began).update(link_changed_at=file.stored_at + see.passed)
    see.passed += timedelta(minutes=1)


def test_events_tell_what_became_of_urls(program, ana):
    asset = an_asset(owner=ana, stored_file=a_stored_file(stored_at=timezone.now() - timedelta(hours=1)))
    file, pk, see.passed = asset.stored_file, str(asset.pk), timedelta(minutes=1)
    place = read_events(program, "0")[1]
    see(file, LinkStatus.VERIFIED)
    found, place = read_events(program, place)
    assert found == [("verified", pk)]
    see(file, LinkStatus.VERIFIED)
    assert read_events(program, place) == ([], place), "nothing has changed"
    see(file, LinkStatus.BROKEN, times=4)
    found, place = read_events(program, place)
    assert found == [("broken", pk)]
    see(file, LinkStatus.VERIFIED, times=5)
    assert read_events(program, place)[0] == [("verified", pk)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction after the other")
def test_nothing_is_told_that_a_slower_transaction_could_overtake():
    slow = connection.copy()
    slow.set_autocommit(False)
    began, later = timezone.now(), timezone.now() + timedelta(hours=1)
    try:
        with slow.cursor() as cursor:
            assert settled_until(later) > began, "it has written nothing"
            cursor.execute("CREATE TABLE nothing ()")
        assert settled_until(later) < began
    finally:
        slow.rollback()
        slow.close()
    assert settled_until(later) > began


def test_events_tell_of_new_names_to_those_who_see_them(program, ana, ben, program_of):
    asset = an_asset(owner=ana)
    asset.set_labels(tags=["sea"], collections=["Trips/2024/June"])
    private = send(program, "post", "/collections", path="Plans", visibility="private").json()
    start = program.get("/events?after=now").json()["next"]
    send(program, "patch", f"/tags/{Tag.objects.get().pk}", name="the sea")
    trips = Collection.objects.get(path="Trips/2024")
    send(program, "patch", f"/collections/{trips.pk}", path="Voyages/of 2024")
    send(program, "patch", f"/collections/{private['id']}", path="Secrets")

    def searches(program):
        LogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=1))
        items = program.get(f"/events?after={start}").json()["items"]
        assert {(item["kind"], item["asset_id"]) for item in items if item["q"]} == {("renamed", None)}
        return [item["q"] for item in items if item["q"]]

    own = searches(program)
    assert set(own) == {'tag:"the sea"', 'in:"/Voyages/of 2024"', "in:~/Secrets"}
    for q in set(own) - {"in:~/Secrets"}:
        assert [found["id"] for found in program.get("/assets", {"q": q}).json()["items"]] == [str(asset.pk)]
    assert set(searches(program_of(ben))) == set(own) - {"in:~/Secrets"}
