"""New files that are added to the database together, in the order in which they were sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.db import connections

from assets.audit.log import entries_of_asset
from assets.models import Asset, State, StoredFile
from tests.support.factories import a_picture
from tests.support.programs import Program, a_token

pytestmark = pytest.mark.django_db(transaction=True)


def upload(program, contents):
    files = [ContentFile(content, name=f"{number}.png") for number, content in enumerate(contents)]
    response = program.post("/assets/batch", {"file": files, "tags": "sea, night", "collection": "Trips/2024"})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_they_become_what_each_would_have_become_alone(program, ana, segmind, work):
    alone = program.post(
        "/assets",
        {"file": ContentFile(a_picture(), name="0.png"), "tags": "sea, night", "collection": "Trips/2024"},
    ).json()
    contents = [a_picture() for _ in range(5)]
    results = upload(program, contents)
    own = ("id", "page", "preview", "sha256", "size", "created_at", "version")
    facts = [{name: value for name, value in result["asset"].items() if name not in own} for result in results]
    expected = {name: value for name, value in alone.items() if name not in own}
    assert facts == [expected | {"title": f"{n}", "file_name": f"{n}.png"} for n in range(5)]
    newest = [item["file_name"] for item in program.get("/assets?q=tag:sea").json()["items"]]
    assert newest == [f"{n}.png" for n in reversed(range(5))] + ["0.png"]

    def records(pk):
        fields = ("action", "actor", "changes", "object_repr", "additional_data", "remote_addr")
        return list(entries_of_asset(Asset.objects.get(pk=pk)).order_by("pk").values(*fields))

    assert records(results[0]["asset"]["id"]) == records(alone["id"])
    work()
    assert set(StoredFile.objects.values_list("state", flat=True)) == {State.STORED}
    for file in StoredFile.objects.all():
        assert (bool(file.preview), file.preview_at, file.original.size) == (True, None, file.size)


def test_two_people_who_send_the_same_at_once_share_the_content(ana, ben):
    contents = [a_picture() for _ in range(40)]
    programs = [Program(a_token(person)) for person in (ana, ben)]

    def send(program, contents):
        try:
            return upload(program, contents)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(send, programs, [contents, contents[::-1]]))
    assert {result["status"] for results in answers for result in results} <= {"received", "known"}
    assert (StoredFile.objects.count(), Asset.objects.count()) == (40, 80)
    assert all(file.original.size == file.size for file in StoredFile.objects.all())
