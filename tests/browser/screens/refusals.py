"""What is not allowed, out of date, damaged or too large."""

from playwright.sync_api import expect

from tests.browser.screens.tour import Tour, screen


@screen
def not_allowed(tour: Tour) -> None:
    tour.go("/")
    tour.send(f"{tour.assets['other’s'].get_absolute_url()}trash/")


@screen
def out_of_date_form(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", csrfmiddlewaretoken="")


@screen
def words_of_an_out_of_date_form(tour: Tour) -> None:
    tour.go("/")
    tour.send("/upload/", csrfmiddlewaretoken="", title="x" * 200, description="Two\nlines")
    expect(tour.page.get_by_role("button", name="Send again")).to_be_visible()


@screen
def words_of_somebody_signed_out(tour: Tour) -> None:
    tour.go("/")
    tour.page.context.clear_cookies(name="sessionid")
    tour.send(tour.assets["picture"].get_absolute_url(), title="Mine")
    expect(tour.page.get_by_role("button", name="Send again")).to_be_visible()


@screen
def damaged_request(tour: Tour) -> None:
    tour.go("/refuses")


@screen
def too_large_request(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", q="x" * 3_000_000)


@screen
def sign_in(tour: Tour) -> None:
    tour.page.context.clear_cookies()
    tour.go("/")


@screen
def sign_in_refused(tour: Tour) -> None:
    sign_in(tour)
    tour.page.get_by_label("Username").fill("ana")
    tour.page.get_by_label("Password").fill("not it")
    tour.page.get_by_role("button", name="Sign in").click()
    expect(tour.page.get_by_role("alert")).to_be_visible()


@screen
def change_password_refused(tour: Tour) -> None:
    tour.go("/accounts/password/")
    for label in ("Old password", "New password", "New password confirmation"):
        tour.page.get_by_label(label, exact=True).fill("12345")
    tour.page.get_by_role("button", name="Change password").click()
    expect(tour.page.locator(".field-error").first).to_be_visible()
