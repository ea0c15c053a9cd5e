"""Every model and column is exported, or has a reason why not."""

from pathlib import Path

import pytest
from django.apps import apps

from assets.transfer.schema import LEFT_OUT, TABLES

ROOT = Path(__file__).parents[2]


def test_every_model_is_exported_or_left_out_for_a_reason():
    exported = {table.model for table in TABLES}
    models = set(apps.get_app_config("assets").get_models())
    assert not exported & set(LEFT_OUT)
    assert models - exported == set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_exported_or_left_out_for_a_reason(table):
    options = table.model._meta
    columns = {field.name for field in (*options.concrete_fields, *options.many_to_many)}
    assert not set(table.columns) & set(table.left_out)
    assert columns == set(table.columns) | set(table.left_out)
    assert all(table.left_out.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_documentation_names_every_table_and_column(table):
    described = (ROOT / "docs/archive.md").read_text()
    section = described.partition(f"### `{table.name}`")[2].partition("\n### ")[0]
    for column in table.columns:
        assert f"`{column}`" in section, column
