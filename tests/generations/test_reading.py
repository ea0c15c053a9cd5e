"""The history of a key is read completely, whatever its server and the clocks do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from assets.models import GenerationHistory, GenerationOutput, GenerationRun, PastUrl, StoredFile, User
from assets.models.links import as_columns
from tests.support.factories import a_stored_file, a_user
from tests.support.history import fails
from tests.support.segmind_server import KEY

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://images.segmind.com/outputs/{}.png"


def known() -> set[str]:
    return set(GenerationRun.objects.values_list("request_id", flat=True))


def test_nothing_is_asked_while_it_is_switched_off(history, read):
    GenerationHistory.objects.update(is_on=False)
    read()
    assert history.asked == []


def test_runs_come_with_cost_inputs_outputs_and_who_ran_them(history, read):
    mira = a_user("mira", email="mira@example.com")
    now = a_stored_file(url="https://images.segmind.com/assets/now.png")
    moved = a_stored_file(url="https://images.segmind.com/assets/new.png")
    PastUrl.objects.create(
        stored_file=moved, url="https://images.segmind.com/assets/old.png",
        stored_at=timezone.now(), replaced_at=timezone.now(), why="broken",
    )  # fmt: skip
    body = {
        "prompt": "a boat\x00 at dawn",
        "api_key": KEY,
        "note": f"mine is {KEY}",
        "reference_images": [now.url, "https://images.segmind.com/assets/old.png?signature=secret"],
        "mask": "https://elsewhere.example/mask.png?token=secret",
        "webhook_url": "https://hooks.example/secret",
        "image": "data:image/png;base64," + "A" * 500,
    }
    request_id = history.add(URL.format(1), URL.format(2), request_body=body, user_email="Mira@Example.com")
    read()
    run = GenerationRun.objects.get(request_id=request_id)
    assert (run.model, run.cost, run.person, run.prompt) == ("seedance-2.0", Decimal("0.12"), mira, "a boat at dawn")
    assert {output.url for output in run.outputs.all()} == {URL.format(1), URL.format(2)}
    assert all(output.expires_at == run.made_at + timedelta(days=7) for output in run.outputs.all())
    inputs = {(each.field, each.url, each.stored_file_id) for each in run.inputs.all()}
    assert inputs == {
        ("reference_images", now.url, now.pk),
        ("reference_images", "https://images.segmind.com/assets/old.png", moved.pk),
        ("mask", "https://elsewhere.example/mask.png", None),
    }
    assert StoredFile.objects.get(pk=moved.pk).run_count == 1
    assert "secret" not in str(run.parameters)
    assert KEY not in str(run.parameters)


def test_rows_that_make_no_sense_are_counted_and_lose_no_others(history, read):
    history.max_per_page = 5
    good = {history.add(URL.format(number)) for number in range(7)}
    history.rows[1:1] = [None, 7, {"model_name": "nobody"}, {"request_id": "odd", "credits_deduction": "much"}]
    history.rows.append({"request_id": "early", "created_at": "0001-01-01T00:00:00+14:00"})
    history.rows += [
        {"request_id": "listed", "generation_url": f'["{URL.format("a")}", "{URL.format("b")}"]', "request_body": "[]"}
    ]
    state = read()
    assert known() == {*good, "odd", "early", "listed"}
    assert GenerationOutput.objects.filter(run__request_id="listed").count() == 2
    # None, 7, the one without an id, the cost, the date, and the body that is no object.
    assert state.unread_rows == 6


@pytest.mark.parametrize(
    "envelope",
    [
        lambda rows: rows,
        lambda rows: {"status": "ok", "result": {"meta": [], "requests": rows}},
        lambda rows: {"unheard_of": rows, "pages": 3},
    ],
)
def test_the_list_of_rows_is_found_under_other_names(history, read, envelope):
    history.envelope = envelope
    request_id = history.add(URL.format(1))
    read()
    assert known() == {request_id}


def test_pages_that_come_twice_or_are_skipped_lose_nothing(history, read):
    history.max_per_page = 2
    wanted = {history.add(URL.format(number), ago=timedelta(hours=30 - number)) for number in range(9)}

    def again(handler, server) -> bool:
        server.send(handler, server.rows[:2])
        return True

    def skip(handler, server) -> bool:
        server.send(handler, server.rows[6:8])
        return True

    history.faults = [lambda *_: False, again, lambda *_: False, skip]
    read()
    assert known() < wanted
    read()
    assert known() == wanted
    assert GenerationOutput.objects.count() == 9


def test_a_refused_key_pauses_until_an_administrator_or_another_key(history, read, settings):
    history.faults = [fails(401)]
    state = read()
    assert state.paused_because == "No, with [key]"
    history.add(URL.format(1))
    read()
    assert len(history.asked) == 1
    GenerationHistory.objects.update(key_fingerprint="another")
    assert read().paused_because == ""
    assert len(known()) == 1


def test_limits_and_troubles_are_waited_for(history, read, work):
    history.add(URL.format(1))
    reset = (timezone.now() + timedelta(minutes=40)).replace(microsecond=0)
    history.faults = [fails(429, x_rate_limit_reset_at_utc=reset.isoformat())]
    assert read().next_read_at == reset
    pauses = []
    for status in (500, 503):
        history.faults = [fails(status)]
        pauses.append(round((read().next_read_at - timezone.now()).total_seconds() / 60))
    assert pauses == [2, 5]
    state = read()
    assert (state.failures, state.problem, len(known())) == (0, "", 1)


def test_a_reading_goes_on_at_its_page_after_trouble(history, read):
    history.max_per_page = 2
    wanted = {history.add(URL.format(number)) for number in range(7)}
    history.faults = [lambda *_: False, lambda *_: False, fails(500)]
    read()
    assert len(known()) == 4
    read()
    assert known() == wanted
    assert [query["page"] for query in history.asked][:4] == ["1", "2", "3", "3"]


@pytest.mark.parametrize("jump", [timedelta(days=365), -timedelta(days=365)])
def test_a_clock_of_segmind_that_jumps_skips_nothing(history, read, later, jump):
    first = history.add(URL.format(1))
    history.now = lambda: datetime.now(UTC) + jump
    read()
    history.now = lambda: datetime.now(UTC)
    later(days=3)
    second = history.add(URL.format(2), ago=timedelta(days=2))
    read()
    assert known() == {first, second}


def test_our_clock_that_jumped_skips_nothing(history, read, later):
    """It was a year ahead, for a week in which the history was read, and then was set right."""
    read()
    GenerationHistory.objects.update(read_far_at=timezone.now())
    later(days=-365)
    missed = history.add(URL.format(1), ago=timedelta(days=5))
    GenerationHistory.objects.update(read_until=timezone.now() - timedelta(days=6))
    state = GenerationHistory.objects.get()
    assert state.next_read_at > timezone.now() + timedelta(days=300)
    read()
    assert known() == {missed}


def test_a_row_completes_a_run_that_was_still_going(history, read):
    request_id = history.add(None, model_status="PENDING", credits_deduction=None, request_body=None)
    read()
    history.rows = []
    history.add(URL.format(1), request_id=request_id)
    read()
    run = GenerationRun.objects.get()
    assert (run.status, run.cost, run.outputs.count()) == ("COMPLETED", Decimal("0.12"), 1)


def test_who_takes_an_address_later_does_not_get_its_runs(history, read, ana):
    history.add(URL.format(1), user_email="mira@example.com")
    late = history.add(URL.format(2), model_status="PENDING")
    read()
    User.objects.filter(pk=ana.pk).update(email="mira@example.com")
    history.rows[1]["user_email"] = "mira@example.com"
    read()
    assert {run.request_id: run.person for run in GenerationRun.objects.all()} == {
        history.rows[0]["request_id"]: None,
        late: ana,
    }


def test_what_was_purged_does_not_come_back(history, read):
    body = {"prompt": "x", "mask": "https://elsewhere.example/mask.png"}
    history.add(URL.format(1), request_body=body, error="x is not allowed")
    read()
    run = GenerationRun.objects.get()
    run.purge(timezone.now())
    read()
    run.refresh_from_db()
    assert (run.prompt, run.parameters, run.error, run.inputs.count()) == ("", {}, "", 0)


def test_a_signed_address_is_another_each_time_and_leads_to_the_same_file(history, read):
    file = a_stored_file(url="https://images.segmind.com/assets/signed.png")
    for signature in "ab":
        history.add(URL.format(signature), request_body={"image": f"{file.url}?signature={signature}"})
    read()
    assert StoredFile.objects.get(pk=file.pk).run_count == 2


def test_answers_that_are_too_long_are_asked_for_in_smaller_pieces(history, read, monkeypatch):
    monkeypatch.setattr("assets.segmind.history.MAX_BYTES", 4000)
    wanted = {history.add(URL.format(number), request_body={"prompt": "x" * 500}) for number in range(12)}
    history.add(URL.format("huge"), request_body={"prompt": "x" * 5000})
    state = read()
    assert known() == wanted
    assert state.unread_rows == 1


def test_a_file_that_is_used_by_many_runs_knows_how_many(history, read):
    file = a_stored_file(state="queued")
    StoredFile.objects.filter(pk=file.pk).update(
        **as_columns("https://images.segmind.com/a.png"), run_count=F("run_count")
    )
    for number in range(3):
        history.add(URL.format(number), request_body={"image": "https://images.segmind.com/a.png"})
    read()
    read()
    file.refresh_from_db()
    assert file.run_count == 3
