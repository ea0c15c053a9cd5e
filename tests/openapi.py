"""Prints the schema of the API: `python -m tests.openapi > docs/openapi.json`."""

import json
import os

import django


def render() -> str:
    from assets.api.openapi import build_schema

    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    print(render(), end="")
