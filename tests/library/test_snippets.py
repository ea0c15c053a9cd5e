"""An asset in every form to copy: each is what its language takes it for, whatever the title and the URL are."""

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assets.library.snippets import AssetData, build_snippets
from assets.text.email_in_url import url_contains_email
from tests.support.factories import a_stored_file, an_asset

URL = "https://images.segmind.com/assets/1.png"
TITLES = [
    "Harbour at dawn",
    "\"quoted\" and 'quoted'",
    "back\\slash\\",
    "two\nlines\r\nand\ttabs",
    "</script><script>alert(1)</script>",
    "a [link](x) *and* _more_ `code` # !",
    "line\u2028separator, ünïcode, 🐈",
    "$(rm -rf /) `id` ${HOME} %s {0}",
    "<!-- --> & &amp;",
]
URLS = [
    URL,
    "https://images.segmind.com/a'b\"c(d)e\\f?x=1&y=<2>#z",
    "https://images.segmind.com/$(id)`id`/ана.png",
]
KINDS = ["image", "video", "audio", "other"]
NODE = shutil.which("node")
ROOT = Path(__file__).parents[2]


def forms(title: str = "Harbour at dawn", url: str = URL, kind: str = "image") -> dict[str, str]:
    data = AssetData(url=url, title=title, kind=kind, media_type="image/png", size=1234, width=640, height=480)
    return {snippet.name: snippet.text for snippet in build_snippets(data)}


every_title = pytest.mark.parametrize("title", TITLES)
every_url = pytest.mark.parametrize("url", URLS)
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_title
@every_url
def test_json_snippets_keep_title_and_url(title, url):
    text = forms(title, url)["json"]
    found = json.loads(text)
    assert (found["title"], found["url"], found["width"]) == (title, url, 640)
    assert "</" not in text


@every_title
@every_url
@every_kind
def test_html_snippets_are_one_element(title, url, kind):
    elements: list[tuple[str, dict]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            elements.append((tag, dict(attrs)))

    Parser().feed(forms(title, url, kind)["html"])
    ((tag, attributes),) = elements
    assert tag == {"image": "img", "video": "video", "audio": "audio", "other": "a"}[kind]
    assert attributes["href" if tag == "a" else "src"] == url
    if tag != "a":
        assert attributes["alt" if tag == "img" else "title"] == " ".join(title.split())


@every_title
def test_markdown_snippets_are_one_link(title):
    text = forms(title)["markdown"]
    assert "\n" not in text
    assert text.startswith("![")
    assert text.endswith(f"]({URL})")
    words = text[2 : -len(f"]({URL})")]
    # Every bracket of the title is escaped, so that none ends it.
    assert all(words[at - 1] == "\\" for at, character in enumerate(words) if character in "[]<`")


def test_a_url_in_markdown_is_escaped():
    assert forms(url="https://images.segmind.com/a(b) c")["markdown"].endswith(
        "(https://images.segmind.com/a%28b%29%20c)"
    )
    assert forms(kind="video")["markdown"].startswith("[")


@pytest.mark.django_db
class TestCopyPage:
    def test_it_comes_as_page_fragment_and_json(self, as_ana, ana):
        asset = an_asset(owner=ana, title="Harbour")
        url = asset.get_absolute_url() + "copy/"
        answer = as_ana.get(url, headers={"accept": "application/json"}).json()
        names = [snippet["name"] for snippet in answer["snippets"]]
        assert names == ["url", "markdown", "html", "json", "curl", "python", "segmind", "javascript"]
        texts = {snippet["name"]: snippet["text"] for snippet in answer["snippets"]}
        assert texts["url"] == asset.stored_file.url
        assert "https://api.segmind.com/v2/" in texts["curl"]
        assert all(asset.stored_file.url in text for text in texts.values())
        assert answer["url_has_email"] is False
        page = as_ana.get(url).content.decode()
        assert "<html" in page
        assert page.count("<textarea") == 3
        assert f"/request/?id={asset.pk}&amp;input=" in page
        part = as_ana.get(url, headers={"hx-request": "true"}).content.decode()
        assert "<html" not in part
        assert f'data-asset="{asset.get_absolute_url()}"' in part

    def test_a_file_that_no_model_takes_gets_code_with_a_blank(self, as_ana):
        asset = an_asset(stored_file=a_stored_file(media_type="application/pdf"))
        answer = as_ana.get(asset.get_absolute_url() + "copy/", headers={"accept": "application/json"}).json()
        code = {snippet["name"]: snippet["text"] for snippet in answer["snippets"]}["python"]
        assert "https://api.segmind.com/v2/model-name" in code
        assert asset.stored_file.url in code

    def test_without_a_url_there_is_nothing_to_copy(self, as_ana, ana):
        url = an_asset(owner=ana, state="queued").get_absolute_url() + "copy/"
        assert as_ana.get(url, headers={"accept": "application/json"}).json()["snippets"] == []
        assert "No URL yet" in as_ana.get(url).content.decode()

    def test_hidden_assets_are_404(self, as_ben, ana):
        private = an_asset(owner=ana, visibility="private")
        assert as_ben.get(private.get_absolute_url() + "copy/").status_code == 404


WITH_ADDRESS = [
    "https://images.segmind.com/assets/ana@example.com/images/1.jpg",
    "https://images.segmind.com/assets/ana%40example.com/images/1.jpg",
    "https://images.segmind.com/assets/ana.m%C3%BCller%2540mail.example.co.uk/1.jpg",
    "https://images.segmind.com/1.jpg?by=o'brien%40example%2Ecom",
    "https://images.segmind.com/assets/a+b@x.io",
]
WITHOUT = [
    "",
    URL,
    "https://user@images.segmind.com/1.jpg",
    "https://images.segmind.com/@2x/1.png",
    "https://images.segmind.com/picture@2x",
    "https://images.segmind.com/%40/a.b",
    "https://images.segmind.com/100%/1.png",
]


@pytest.mark.parametrize("url", WITH_ADDRESS)
def test_an_email_address_in_a_url_is_recognised(url):
    assert url_contains_email(url)


@pytest.mark.parametrize("url", WITHOUT)
def test_what_is_none_is_not_taken_for_one(url):
    assert not url_contains_email(url)


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_browser_decides_by_the_same_rule(tmp_path):
    for name in ("email-in-url.js", "post.js"):
        (tmp_path / name).write_text((ROOT / "static/js" / name).read_text())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "ask.js").write_text(
        'import { urlContainsEmail } from "./email-in-url.js";\n'
        f"console.log(JSON.stringify({json.dumps(WITH_ADDRESS + WITHOUT)}.map(urlContainsEmail)));\n"
    )
    answer = subprocess.run([NODE, tmp_path / "ask.js"], check=True, capture_output=True, text=True).stdout
    assert json.loads(answer) == [True] * len(WITH_ADDRESS) + [False] * len(WITHOUT)
