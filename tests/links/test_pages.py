"""Where people see the status of links."""

import pytest

from assets.models import LinkStatus, State, StoredFile
from tests.conftest import client_of
from tests.support.factories import a_file_of, a_stored_file, an_administrator, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


def test_link_problems_are_shown_and_can_be_searched_for(as_ana, ana):
    entries = {status: an_asset(owner=ana, title=f"the {status} one") for status in LinkStatus.values}
    for status, entry in entries.items():
        StoredFile.objects.filter(pk=entry.stored_file_id).update(link_status=status)
    an_asset(owner=ana, title="waits", state=State.QUEUED)
    for status in LinkStatus.values:
        answer = as_ana.get("/", {"q": f"is:{status}"}, headers={"accept": "application/json"}).json()
        assert [asset["title"] for asset in answer["assets"]] == [f"the {status} one"], status
    for layout in ("medium", "list"):
        as_ana.post("/layout/", {"layout": layout})
        page = as_ana.get("/").content.decode()
        for word in ("Broken", "Changed", "Unreachable"):
            assert f">{word}</span>" in page, (layout, word)
    page = as_ana.get(entries["broken"].get_absolute_url()).content.decode()
    assert "no longer at its URL" in page
    assert "Re-upload" in page


def test_urls_with_an_e_mail_address_can_be_searched_for_and_filtered(as_ana, ana):
    url = "https://images.segmind.com/assets/ana%40example.com/images/1.jpg"
    an_asset(owner=ana, title="carries", stored_file=a_stored_file(url=url))
    an_asset(owner=ana, title="does not")
    answer = as_ana.get("/", {"q": "is:address"}, headers={"accept": "application/json"}).json()
    assert [asset["title"] for asset in answer["assets"]] == ["carries"]
    page = client_of(an_administrator()).get("/admin/assets/storedfile/?url_has_address__exact=1").content.decode()
    assert "1 stored file" in page


def test_new_urls_are_checked_for_an_e_mail_address(as_ana, upload, segmind, work):
    segmind.folder = "/assets/key.owner%40example.com/images"
    upload(as_ana, ("a.pdf", a_file_of(2000)))
    work()
    file = StoredFile.objects.get()
    assert file.url_has_address
    assert file.url_host == segmind.address.removeprefix("http://")
    assert file.link_status == LinkStatus.VERIFIED
