"""Imports point down, never up: a wrong one is a red test and not a remark."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "assets"

# Each layer may import from those below it, and from its own.
LAYERS = [
    ["urls"],
    ["views", "admin", "management", "templatetags", "worker", "checks", "apps"],
    [
        "forms",
        "people_forms",
        "access",
        "services.uploads",
        "services.organising",
        "services.selection",
        "services.trash",
        "services.labelling",
        "services.label_lists",
        "services.people",
        "services.accounts",
        "services.people_history",
        "services.people_lists",
        "services.sign_in",
        "services.archive",
        "services.carrying",
        "services.search",
        "services.ordering",
        "services.listing",
        "services.lookup",
        "services.activity",
        "services.audit",
        "services.overview",
        "services.timeline",
        "services.consistency",
        "services.link_health",
    ],
    ["tasks"],
    ["services.link_checks", "services.link_visits"],
    [
        "services.delivery",
        "services.previews",
        "services.verification",
        "services.forgetting",
        "services.label_changes",
        "services.handing_over",
    ],
    ["services.link_rules"],
    ["services.originals", "services.ledger", "services.suspicion", "services.search_index", "services.history"],
    ["models"],
    [
        "services.pacing",
        "services.folding",
        "services.colours",
        "services.search_query",
        "services.addresses",
        "services.snippets",
        "services.deadline",
        "services.segmind",
        "services.segmind_answers",
        "services.links",
        "services.media_types",
        "services.images",
        "services.preview_makers",
        "services.spool",
    ],
]
ALONE = {
    "services.segmind": "models",
    "services.segmind_answers": "models",
    "services.links": "models",
    "services.images": "django",
    "services.preview_makers": "django",
    "services.pacing": "django",
    "services.folding": "django",
    "services.colours": "django",
    "services.search_query": "django",
    "services.addresses": "django",
    "services.snippets": "django",
    "services.deadline": "django",
    "services.media_types": "django",
}


def layer_of(name: str) -> int:
    for number, names in enumerate(LAYERS):
        if any(name == entry or name.startswith(f"{entry}.") for entry in names):
            return number
    raise AssertionError(f"assets.{name} has no layer: give it one in tests/test_layout.py")


def modules() -> list[Path]:
    found = (path for path in ROOT.rglob("*.py") if path.stat().st_size and "migrations" not in path.parts)
    return sorted(found)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_from_its_own_layer_and_below(path):
    own = layer_of(name_of(path))
    for name in imports(path):
        if name.startswith("assets.") and _is_module(name):
            assert layer_of(name.removeprefix("assets.")) >= own, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("name", ALONE)
def test_what_is_to_be_usable_alone_stays_so(name):
    forbidden = ALONE[name]
    parts = [path for path in modules() if f"{name_of(path)}.".startswith(f"{name}.")]
    assert parts
    for imported in (imported for path in parts for imported in imports(path)):
        assert not imported.startswith((forbidden, f"assets.{forbidden}")), imported


def test_only_two_modules_know_the_tasks_library():
    users = {name_of(path) for path in modules() if any(i.startswith("django_tasks") for i in imports(path))}
    assert users == {"tasks", "worker"}


def test_only_one_module_knows_the_library_that_keeps_the_history():
    users = {name_of(path) for path in modules() if any(i.partition(".")[0] == "auditlog" for i in imports(path))}
    assert users == {"services.history"}


def test_only_the_client_speaks_http():
    users = {name_of(path) for path in modules() if any(i.partition(".")[0] == "requests" for i in imports(path))}
    assert users == {"services.segmind", "services.segmind_answers", "services.links"}


def _is_module(name: str) -> bool:
    path = ROOT.parent / name.replace(".", "/")
    return path.with_suffix(".py").exists() or ((path / "__init__.py").exists() and name != "assets.services")
