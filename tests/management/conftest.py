from pathlib import Path

import pytest
from django.conf import settings as django_settings


@pytest.fixture
def _empty_storage():
    for folder in ("originals", "previews", "incoming", "quarantine"):
        for path in Path(django_settings.MEDIA_ROOT, folder).rglob("*"):
            if path.is_file():
                path.unlink()


@pytest.fixture
def _quick_link_checks(settings):
    settings.LINK_RETRY_SECONDS = 0
