import pytest

from assets.text.email_in_url import url_contains_email

BASE = "https://images.segmind.com/assets"


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/ana@example.com/images/1.jpg",
        f"{BASE}/ana%40example.com/images/1.jpg",
        f"{BASE}/ana%2540example.com/images/1.jpg",
        f"{BASE}/ana.maria+segmind@mail.example.co.uk/1.mp3",
        f"{BASE}/ana%2Bsegmind%40example%2Ecom/1.mp3",
        f"{BASE}/1.jpg?owner=ana@example.com",
        f"{BASE}/ANA%40EXAMPLE.COM",
    ],
)
def test_an_email_address_is_found_plain_and_encoded(url):
    assert url_contains_email(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"{BASE}/0d9e1c4e-2f4e-4f9e-a6d0-4f1c1c3c7f10.jpg",
        f"{BASE}/@/1.jpg",
        f"{BASE}/ana@localhost/1.jpg",
        f"{BASE}/100%25/1.jpg",
        "https://user@images.segmind.com/assets/1.jpg",
    ],
)
def test_what_only_resembles_an_email_address_is_not_one(url):
    assert not url_contains_email(url)
