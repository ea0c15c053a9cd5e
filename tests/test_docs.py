"""The documentation agrees with the code: settings, commands, links and pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.media.rows import FORMATS, SUPPORTED, UNSUPPORTED

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    ROOT / "benchmarks/README.md",
]
SETTINGS = (ROOT / "segmind_site/settings.py").read_text()
# compose.yaml reads them; the application never sees them.
ONLY_IN_COMPOSE = {"DOMAIN", "SITE_ADDRESS", "POSTGRES_PASSWORD", "PROXY_SUBNET", "APP_MEMORY", "DATABASE_MEMORY"}


def read(path: str) -> str:
    return (ROOT / path).read_text()


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


# --- Settings ---


def settings_read() -> set[str]:
    return set(re.findall(r'(?:env\.\w+|_\w+)\(\s*"([A-Z_]+)"', SETTINGS))


def documented_defaults() -> dict[str, str]:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", read("docs/configuration.md"), re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def test_every_setting_is_documented_and_no_other():
    assert set(documented_defaults()) == settings_read()


def test_documented_numbers_and_switches_are_the_defaults():
    documented = documented_defaults()
    numbers = re.findall(r'_\w+\("([A-Z_]+)", ([\d_.]+)', SETTINGS)
    switches = re.findall(r'_\w+\("([A-Z_]+)", default=(True|False)', SETTINGS)
    assert numbers
    assert switches
    for name, default in numbers:
        assert documented[name] == default.replace("_", ""), name
    for name, default in switches:
        assert documented[name] == default.lower(), name


def test_the_example_file_has_every_setting_and_no_other():
    names = re.findall(r"^(?:# )?([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert len(names) == len(set(names))
    assert set(names) - ONLY_IN_COMPOSE == settings_read()


def test_numbers_in_the_example_file_are_the_defaults():
    documented = documented_defaults()
    for name, value in re.findall(r"^# ([A-Z_]+)=([\d.]+)$", read(".env.example"), re.MULTILINE):
        assert value == documented[name], name


# --- Commands ---


def test_every_management_command_is_documented():
    page = read("docs/administration.md")
    for path in (ROOT / "assets/management/commands").glob("[a-z]*.py"):
        assert f"`manage.py {path.stem}" in page, path.stem


def test_documented_commands_and_options_exist():
    for row in re.findall(r"^\| `manage\.py .*$", read("docs/administration.md"), re.MULTILINE):
        source = read(f"assets/management/commands/{row.split()[2].strip('`')}.py")
        for option in re.findall(r"--[a-z-]+", row):
            assert f'"{option}"' in source, (option, row)


def test_every_make_target_is_documented():
    page = read("docs/contributing.md")
    targets = re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE)
    for target in targets:
        assert f"`make {target}`" in page, target


# --- The code ---


def test_every_part_of_the_application_is_described():
    plumbing = {"__init__.py", "apps.py", "checks.py", "migrations", "templatetags", "urls.py"}
    parts = {path.name for path in (ROOT / "assets").iterdir() if path.is_file() or any(path.glob("*.py"))} - plumbing
    table = read("docs/contributing.md").partition("| `assets/` | |")[2].partition("\n\n")[0]
    assert {name.strip("/") for name in re.findall(r"^\| `([\w./]+)`", table, re.MULTILINE)} == parts


# --- Links ---


def links(path: Path) -> Iterator[str]:
    text = without_code(path.read_text())
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'(?:src|srcset|href)="([^"]+)"', text)


def anchors(path: Path) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_resolves(path):
    for link in links(path):
        if "://" in link:
            continue
        name, _, fragment = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_the_readme_links_every_page_of_the_documentation():
    linked = set(links(ROOT / "README.md"))
    pages = {f"docs/{path.name}" for path in ROOT.glob("docs/*.md")}
    assert pages <= linked


def test_every_picture_is_used():
    used = {(path.parent / link).resolve() for path in PAGES for link in links(path)}
    assert set(ROOT.glob("docs/images/*")) <= used


# --- Formats ---


def test_the_documented_formats_are_those_of_the_table():
    page = read("docs/formats.md")
    documented = re.findall(r"^\| (.+?) \| `(.+?)` \| (.+?) \|$", page, re.MULTILINE)
    assert documented == [
        (row.name, row.media_type, ", ".join(f"`{ending}`" for ending in row.endings)) for row in SUPPORTED
    ]
    refused = page.rpartition("\n\n")[2].replace("\n", " ").strip().removesuffix(".")
    assert refused.split(", ") == [row.name for row in UNSUPPORTED]


def test_a_type_has_one_row():
    names = [name for row in FORMATS for name in (row.media_type, *row.aliases)]
    assert len(names) == len(set(names))
    assert names == [name.lower() for name in names]
