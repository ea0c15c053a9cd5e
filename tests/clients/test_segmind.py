"""A script for the official SDK, with one line of it changed."""

import inspect

import pytest
import segmind as sdk
from segmind_assets import segmind
from segmind_assets.segmind import SegmindClient

from tests.support.factories import a_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


@pytest.mark.usefixtures("_worker")
def test_uploads_have_the_shape_of_the_sdk(site, token, folders, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSETS_URL", site.url)
    monkeypatch.setenv("ASSETS_TOKEN", token)
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in paths:
        path.write_bytes(a_picture(text=path.name))
    client = SegmindClient(api_key="SG_0")
    several = client.files.upload(paths)
    assert list(several) == ["file_urls", "message"]
    first, second = several["file_urls"]
    assert client.files.upload(file_paths=str(paths[0]))["file_urls"] == [first]
    assert segmind.files.upload(path for path in reversed(paths))["file_urls"] == [second, first]

    theirs = sdk.SegmindClient(api_key="SG_0").files
    (tmp_path / "c.txt").write_text("no picture")
    for wrong in ("c.txt", "missing.png", "."):
        for files in (client.files, theirs):
            with pytest.raises((FileNotFoundError, ValueError)) as error:
                files.upload(tmp_path / wrong)
            assert type(error.value) is (FileNotFoundError if wrong == "missing.png" else ValueError)


def test_everything_else_is_that_of_the_sdk(folders):
    client = SegmindClient("SG_0", timeout=7)
    assert (client.api_key, client.timeout) == ("SG_0", 7)
    assert segmind.run is sdk.run
    names = set(inspect.signature(sdk.files.upload).parameters)
    assert set(inspect.signature(segmind.files.upload).parameters) == names
    with pytest.raises(AttributeError):
        _ = client.nothing
