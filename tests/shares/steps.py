from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.test import Client

from assets.models import Asset, Share, User
from tests.support.factories import a_picture, a_stored_file, an_asset

# What there is of each asset: its page, and its files.
MEDIA = ("", "preview/", "original/")


def make_share(client: Client, *assets: Asset, **fields: Any) -> tuple[Share, str]:
    sent = {"name": "For you", "confirmed": "1", "id": [str(asset.pk) for asset in assets]} | fields
    response = client.post("/shares/new/", sent, headers={"accept": "application/json"})
    assert response.status_code == 201, response.content
    made = response.json()
    return Share.objects.get(pk=made["id"]), urlsplit(made["link"]).path


def a_picture_of(owner: User, title: str = "Sunset", **fields: Any) -> Asset:
    """With a preview."""
    file = a_stored_file(content=a_picture(size=(300, 200)), width=300, height=200, **fields.pop("file", {}))
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(a_picture(format="WEBP")))
    return an_asset(owner=owner, stored_file=file, title=title, **fields)


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def status(client: Client, address: str) -> int:
    response = client.get(address)
    read(response)
    return response.status_code
