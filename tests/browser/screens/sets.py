"""Reference sets."""

from playwright.sync_api import expect

from assets.models import ReferenceSet
from tests.browser.screens.tour import Tour, screen


def make_set(tour: Tour) -> ReferenceSet:
    """With an asset in every state that a member can be in."""
    made = ReferenceSet.objects.create(
        owner=tour.person, title="x" * 200, note="A note. " * 40, model="seedance-2.0", visibility="private"
    )
    names = ("picture", "broken", "private", "failed", "video", "audio", "paper", "trashed", "x" * 200)
    for position, name in enumerate(names):
        asset = tour.assets[name]
        made.members.create(asset=asset, kind=asset.kind, position=position, role="first_frame", words="w" * 150)
    made.members.create(kind="image", position=20)
    return made


@screen
def no_sets(tour: Tour) -> None:
    tour.go("/sets/")


@screen
def sets(tour: Tour) -> None:
    make_set(tour)
    tour.go("/sets/")


@screen
def one_set(tour: Tour) -> None:
    tour.go(make_set(tour).get_absolute_url())


@screen
def set_dialog(tour: Tour) -> None:
    make_set(tour)
    tour.go("/sets/add/?all=1&q=picture")
    expect(tour.page.get_by_role("button", name="Add to set")).to_be_visible()


@screen
def assets_for_a_set(tour: Tour) -> None:
    tour.go(f"{make_set(tour).get_absolute_url()}choose/")
