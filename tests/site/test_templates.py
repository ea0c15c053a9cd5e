"""Templates: Jinja for the site, Django for the admin."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from jinja2 import UndefinedError
from markupsafe import Markup

JINJA, DJANGO = engines["jinja2"], engines["django"]
PAGES = Path(settings.BASE_DIR, "templates")
ADMIN_PAGES = Path(settings.BASE_DIR, "assets", "admin", "templates")
ERROR_PAGES = sorted(path.name for path in Path(PAGES, "errors").glob("[45]*.html"))


def list_templates(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.parametrize("name", list_templates(PAGES))
def test_every_template_of_the_site_compiles_in_jinja(name):
    assert JINJA.get_template(name)


@pytest.mark.parametrize("name", list_templates(ADMIN_PAGES))
def test_every_template_of_the_admin_compiles_in_django(name):
    assert DJANGO.get_template(name)


def test_a_misspelt_name_is_an_error():
    with pytest.raises(UndefinedError, match="titel"):
        JINJA.from_string("{{ titel }}").render({"title": "Harbour"})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("<script>", "&lt;script&gt;"),
        (lazystr("<b>"), "&lt;b&gt;"),
        (Markup("<b>"), "<b>"),
        (mark_safe("<b>"), "<b>"),
        (7, "7"),
    ],
)
def test_user_text_is_escaped(value, written):
    assert JINJA.from_string("{{ value }}").render({"value": value}) == written


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_needs_neither_a_database_nor_a_request(name):
    context = {"reason": "", "max_files": "1", "max_fields": "1", "max_bytes": 1, "unsent": None}
    assert "Asset Library" in render_to_string(f"errors/{name}", context)
