"""Screens that an address alone leads to."""

from tests.browser.screens.tour import SCREENS, Seen, Tour, screen


def _at(address: str) -> Seen:
    return lambda tour: tour.go(address)


def _asset(name: str) -> Seen:
    return lambda tour: tour.open(name)


SCREENS |= {
    "library": _at("/"),
    "no_results": _at("/?q=nowhere"),
    "months": _at("/?part=timeline"),
    "misunderstood_search": _at("/?q=type:banana+sea"),
    "choices_of_a_filter": _at("/?part=filter&filter=tag"),
    "no_saved_searches": _at("/searches/"),
    "help": _at("/help/"),
    "menu": _at("/menu/"),
    "models": _at("/models/"),
    "model": _at("/models/seedance-2.0/"),
    "no_such_models": _at("/models/?q=nothing"),
    "upload": _at("/upload/"),
    "activity": _at("/activity/"),
    "trash": _at("/trash/"),
    "tags": _at("/tags/"),
    "collections": _at("/collections/"),
    "private_collections": _at("/collections/~/"),
    "new_collection": _at("/collections/new/"),
    "account": _at("/account/"),
    "tokens": _at("/account/tokens/"),
    "open_link": _at("/accounts/link/"),
    "change_password": _at("/accounts/password/"),
    "password_changed": _at("/accounts/password/done/"),
    "not_found": _at("/nothing/"),
    "error": _at("/breaks"),
    "unavailable": _at("/waits"),
    "admin_front": _at("/admin/"),
    "admin_list": _at("/admin/assets/storedfile/"),
    "admin_ledger": _at("/admin/assets/uploadrequest/"),
    "asset": _asset("picture"),
    "asset_of_somebody_else": _asset("other’s"),
    "asset_that_failed": _asset("failed"),
    "asset_that_waits": _asset("queued"),
    "asset_with_a_broken_link": _asset("broken"),
    "asset_with_a_video": _asset("video"),
    "asset_with_a_sound": _asset("audio"),
    "asset_without_a_preview": _asset("paper"),
    "asset_in_the_trash": _asset("trashed"),
    "asset_with_a_long_title": _asset("x" * 200),
}


@screen
def admin_change(tour: Tour) -> None:
    tour.go(f"/admin/assets/asset/{tour.assets['picture'].pk}/change/")


@screen
def admin_details(tour: Tour) -> None:
    tour.go(f"/admin/assets/storedfile/{tour.assets['picture'].stored_file_id}/change/")
