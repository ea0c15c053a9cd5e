"""What administrators and the people they invite do."""

import re

from django.contrib.auth import get_user_model
from django.test import Client

CHOSEN = "quite another password"


def get_user(username: str):
    return get_user_model().objects.get(username=username)


def link_on(page) -> str:
    """The path of the link that a page shows."""
    return re.search(r'id="password-link"[^>]*value="http://testserver([^"]+)"', page.content.decode())[1]


def invite(as_root, username: str, **fields) -> str:
    return link_on(as_root.post("/people/", {"username": username, "role": "member", **fields}))


def follow(client: Client, link: str):
    """Open a link, as the script of the page does or as people without it do."""
    path, _, secret = link.partition("#")
    assert 'name="link"' in client.get(path).content.decode()
    return client.post(path, {"link": secret}, follow=True)


def choose(client: Client, link: str, password: str = CHOSEN):
    """Follow a link and choose a password."""
    address = follow(client, link).request["PATH_INFO"]
    return client.post(address, {"new_password1": password, "new_password2": password})


def post_action(client: Client, person, action: str, **fields):
    return client.post(f"/people/{person.pk}/", {"action": action, **fields}, follow=True)
