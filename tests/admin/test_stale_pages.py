"""Pages of the admin that were opened before somebody else changed the row."""

import pytest

from assets.models import Asset, Collection, User
from tests.conftest import client_of
from tests.support.factories import a_user, an_administrator, an_asset
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_ada(db):
    return client_of(an_administrator("ada"))


def form_of(page: str, **lists: list[str]) -> dict[str, object]:
    """The parser knows no lists."""
    return {**fields_of(page, "novalidate"), **lists}


def warning_of(response) -> str:
    page = response.content.decode()
    assert response.status_code == 200
    assert "Somebody else has changed this" in page
    return page


def test_an_asset_keeps_what_only_somebody_else_changed(as_root, as_ada):
    asset = an_asset(title="Sea", tags=("blue",))
    url = f"/admin/assets/asset/{asset.pk}/change/"
    tags = [str(tag.pk) for tag in asset.tags.all()]
    stale = form_of(as_root.get(url).content.decode(), tags=tags, collections=[])
    assert as_ada.post(url, {**stale, "visibility": "private", "title": "Ocean", "tags": []}).status_code == 302
    assert as_root.post(url, {**stale, "description": "wide"}).status_code == 302
    asset.refresh_from_db()
    assert (asset.title, asset.description, asset.visibility) == ("Ocean", "wide", "private")
    assert not asset.tags.exists()


def test_a_long_text_stops_no_other_edit(as_root):
    """Browsers count a line break as one character, but send two."""
    asset = an_asset(description="x\n" * 2499)
    url = f"/admin/assets/asset/{asset.pk}/change/"
    form = form_of(as_root.get(url).content.decode(), tags=[], collections=[])
    assert as_root.post(url, {**form, "title": "Ocean"}).status_code == 302
    assert Asset.objects.get().title == "Ocean"


def test_of_what_both_changed_it_warns_once(as_root, as_ada):
    asset = an_asset(title="Sea")
    url = f"/admin/assets/asset/{asset.pk}/change/"
    stale = form_of(as_root.get(url).content.decode(), tags=[], collections=[])
    as_ada.post(url, {**stale, "title": "Ocean"})
    page = warning_of(as_root.post(url, {**stale, "title": "Bay"}))
    assert Asset.objects.get().title == "Ocean"
    again = form_of(page, tags=[], collections=[])
    assert again["title"] == "Bay"
    assert as_root.post(url, again).status_code == 302
    assert Asset.objects.get().title == "Bay"


def test_names_of_people_and_collections_too(as_root, as_ada, ana):
    an_asset(owner=ana).set_labels(collections=["Trips"])
    ben = a_user("ben", first_name="Ben")
    for row, field, now in [
        (Collection.objects.get(), "name", lambda: Collection.objects.get().path),
        (ben, "first_name", lambda: User.objects.get(pk=ben.pk).first_name),
    ]:
        url = f"/admin/assets/{row._meta.model_name}/{row.pk}/change/"
        stale = form_of(as_root.get(url).content.decode())
        assert as_ada.post(url, {**stale, field: "Theirs"}).status_code == 302
        page = warning_of(as_root.post(url, {**stale, field: "Ours"}))
        assert now() == "Theirs"
        assert as_root.post(url, form_of(page)).status_code == 302
        assert now() == "Ours"


def test_an_asset_that_was_made_private_after_the_preview_stays_so(as_root, as_ana, ana):
    private, public = an_asset(owner=ana, visibility="private"), an_asset(owner=ana)
    selected = {"action": "visibility", "_selected_action": [private.pk, public.pk]}
    opened = fields_of(as_root.post("/admin/assets/asset/", selected).content.decode(), "class=admin-action")
    chosen = {**opened, **selected, "visibility": "team"}
    previewed = as_root.post("/admin/assets/asset/", {**chosen, "preview": ""})
    assert "1 asset: already" in previewed.content.decode()
    as_ana.post("/assets/bulk/", {"action": "visibility", "id": public.pk, "visibility": "private", "confirmed": "on"})
    confirmed = {**fields_of(previewed.content.decode(), "class=admin-action"), **selected, "confirmed": ""}
    answer = as_root.post("/admin/assets/asset/", confirmed, follow=True)
    assert "1 asset unchanged: already have this visibility, or were edited meanwhile" in answer.content.decode()
    assert dict(Asset.objects.values_list("pk", "visibility")) == {private.pk: "team", public.pk: "private"}
