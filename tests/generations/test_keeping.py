"""Every output that is to be kept is kept once, or named as lost with the date."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from assets.generations.keep import MAX_ATTEMPTS_GONE, keep_output, request_keep
from assets.models import Asset, GenerationHistory, GenerationOutput, GenerationRun, Role, RunInput, State, StoredFile
from assets.models.generations import KeepRule, OutputState
from tests.site.test_secrecy import read_all_rows
from tests.support.factories import a_picture, a_user, an_asset
from tests.support.history import fails
from tests.support.segmind_server import KEY
from tests.worker.test_worker import start_worker, until  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
DAY_7 = timedelta(days=7)


def keep(person, **those) -> None:
    request_keep(GenerationOutput.objects.filter(**those), timezone.now(), by=person)


def try_again() -> None:
    """As if the pause after a failure were over."""
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())


def test_a_kept_output_is_an_asset_that_is_sent_like_any_other(history, read, work, ana, segmind):
    content = a_picture()
    _, url = history.make(content)
    read()
    keep(ana)
    work()
    output = GenerationOutput.objects.get()
    asset = Asset.objects.get()
    assert (output.state, output.stored_file) == (OutputState.KEPT, asset.stored_file)
    assert asset.stored_file.sha256 == hashlib.sha256(content).hexdigest()
    assert asset.stored_file.state == State.STORED
    assert (asset.owner, asset.source_url) == (ana, url)
    assert asset.title.startswith("seedance-2.0, ")
    assert "boat" not in asset.search_text
    keep(ana)
    read()
    assert Asset.objects.count() == 1


def test_rules_keep_for_whoever_ran_the_model(history, read, work):
    mira = a_user("mira", email="mira@example.com", default_visibility="private")
    root = a_user("root", role=Role.ADMINISTRATOR, default_visibility="private")
    GenerationHistory.objects.update(rule=KeepRule.MODELS, kept_models=["seedance-2.0"], owner=root)
    history.make(a_picture(), user_email="mira@example.com")
    history.make(a_picture(), user_email="nobody@example.com")
    history.make(a_picture(), model_name="flux")
    read()
    work()
    kept = sorted(Asset.objects.values_list("owner__username", "visibility"))
    assert kept == [("mira", "private"), ("root", "team")]
    GenerationHistory.objects.update(rule=KeepRule.ALL)
    work()
    assert Asset.objects.count() == 3
    assert Asset.objects.filter(owner=mira).count() == 1


def test_what_is_gone_is_named_with_the_date(history, read, work, ana, segmind):
    _, url = history.make(a_picture(), ago=DAY_7 - timedelta(minutes=5))
    read()
    segmind.kill(url)
    keep(ana)
    work()
    output = GenerationOutput.objects.get()
    assert output.state == OutputState.DELETED
    assert abs(output.gone_at - timezone.now()) < timedelta(minutes=1)
    assert GenerationRun.objects.count() == 1


def test_a_file_that_should_be_there_is_asked_for_again(history, read, work, ana, segmind):
    _, url = history.make(a_picture())
    read()
    segmind.kill(url)
    keep(ana)
    work()
    output = GenerationOutput.objects.get()
    assert (output.state, output.attempts) == (OutputState.KEEPING, 1)
    segmind.revive(url)
    try_again()
    work()
    output.refresh_from_db()
    assert output.state == OutputState.KEPT
    assert Asset.objects.count() == 1


def test_one_that_expires_while_it_is_fetched_is_lost_with_the_date(history, read, work, ana, segmind):
    _, url = history.make(a_picture(), ago=DAY_7 - timedelta(minutes=30))
    read()

    def cut(handler) -> None:
        """Half of it, and then it is deleted."""
        handler.send_response(200)
        handler.send_header("content-length", "90000")
        handler.end_headers()
        handler.wfile.write(b"half of it")
        segmind.kill(url, status=403)
        handler.close_connection = True

    segmind.overrides[url.removeprefix(segmind.address)] = cut
    keep(ana)
    work()
    assert GenerationOutput.objects.get().state == OutputState.KEEPING
    try_again()
    work()
    output = GenerationOutput.objects.get()
    assert (output.state, output.gone_at <= output.expires_at) == (OutputState.DELETED, True)
    assert Asset.objects.count() == 0


def test_what_a_killed_worker_had_received_is_not_called_lost(history, read, work, ana, segmind):
    """It was killed after the asset was added, and before that was recorded; then the output expired."""
    content = a_picture()
    _, url = history.make(content, ago=DAY_7 - timedelta(minutes=5))
    read()
    asset = an_asset(owner=ana, content=content)
    keep(ana)
    GenerationOutput.objects.update(sha256=asset.stored_file.sha256)
    segmind.kill(url)
    work()
    output = GenerationOutput.objects.get()
    assert (output.state, output.stored_file) == (OutputState.KEPT, asset.stored_file)


def test_a_slow_worker_does_not_undo_what_another_has_kept(history, read, ana, segmind):
    """It was taken for dead, and is told that there is no such file once the other is done."""
    _, url = history.make(a_picture())
    read()
    keep(ana)
    GenerationOutput.objects.update(attempts=MAX_ATTEMPTS_GONE - 1)
    pk, path = str(GenerationOutput.objects.get().pk), url.removeprefix(segmind.address)
    asked, kept = threading.Event(), threading.Event()

    def wait(handler) -> None:
        asked.set()
        kept.wait(10)
        handler.answer(404, {})

    segmind.overrides[path] = wait
    slow = threading.Thread(target=lambda: (keep_output.call(pk), connection.close()))
    slow.start()
    assert asked.wait(10)
    del segmind.overrides[path]
    keep_output.call(pk)
    kept.set()
    slow.join()
    assert GenerationOutput.objects.get().state == OutputState.KEPT


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_fetches_keeps_it_once(
    history,
    read,
    work,
    ana,
    segmind,
    start_worker,  # noqa: F811
):
    history.make(a_picture())
    read()
    fetching = threading.Event()

    def hold(handler) -> None:
        fetching.set()
        segmind.released.wait(20)

    segmind.on_serve = hold
    keep(ana)
    worker = start_worker(SEGMIND_HISTORY_URL=segmind.history_url)
    assert fetching.wait(20)
    worker.kill()
    worker.wait()
    segmind.on_serve = lambda handler: None
    segmind.released.set()
    work()
    until(lambda: GenerationOutput.objects.get().state == OutputState.KEPT, seconds=5)
    assert Asset.objects.count() == 1


def test_a_file_that_is_not_accepted_says_why_and_can_be_tried_again(history, read, work, ana, segmind):
    _, url = history.make(b"no picture at all", media_type="text/plain")
    read()
    keep(ana)
    work()
    output = GenerationOutput.objects.get()
    assert (output.state, output.error[:11]) == (OutputState.FAILED, "Unsupported")
    segmind.change(url, a_picture(), "image/png")
    keep(ana)
    work()
    assert GenerationOutput.objects.get().state == OutputState.KEPT


def test_only_addresses_that_imports_may_fetch_are_fetched(history, read, work, ana, settings):
    history.add("https://10.0.0.1/a.png", "ftp://images.segmind.com/a.png", "http://images.segmind.com/a.png")
    read()
    keep(ana)
    work()
    states = dict(GenerationOutput.objects.values_list("url", "state"))
    assert states == {"https://10.0.0.1/a.png": "keeping", "http://images.segmind.com/a.png": "failed"}


def test_a_chain_of_models_is_known_once_its_middle_is_kept(history, read, work, ana):
    _, url = history.make(a_picture())
    history.make(a_picture(), request_body={"image": url})
    read()
    assert RunInput.objects.get().stored_file is None
    keep(ana, url=url)
    work()
    file = StoredFile.objects.get()
    assert RunInput.objects.get().stored_file == file
    assert file.run_count == 1


def test_the_key_goes_to_the_history_alone_and_is_kept_nowhere(history, read, work, ana, segmind, caplog):
    history.make(a_picture(), request_body={"prompt": f"with {KEY}", "image": f"https://a.example/{KEY}.png"})
    redirect = lambda handler, _: handler.send(302, b"", {"location": segmind.keep("text/plain", b"x")}) or True  # noqa: E731
    history.faults = [redirect, fails(500)]
    read()
    read()
    read()
    keep(ana)
    work()
    assert GenerationOutput.objects.get().state == OutputState.KEPT
    assert KEY not in read_all_rows() + caplog.text
    # The server notes a violation for every file that is asked for with the key.
    assert segmind.violations == []


@pytest.mark.any_database
def test_an_output_of_the_sandbox_is_kept(live_server, settings, work, ana, segmind):
    """From the switch to the asset, against the sandbox that everybody has who tries the library."""
    settings.ROOT_URLCONF = "tests.test_access_matrix"
    settings.SEGMIND_HISTORY_URL = f"{live_server.url}/sandbox/request-history"
    GenerationHistory.objects.create(is_on=True)
    work()
    assert GenerationRun.objects.count() > 20
    keep(ana, pk=GenerationOutput.objects.order_by("-expires_at")[0].pk)
    work()
    assert Asset.objects.get().stored_file.width == 960
