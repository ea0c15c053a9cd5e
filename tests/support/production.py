"""The settings of production, for tests of the application as it is deployed: in a process of its own, with a database
and the media of the tests."""

import os
from pathlib import Path

os.environ |= {
    "ENV_FILE": os.devnull,
    "DEBUG": "false",
    "SECRET_KEY": "only-for-tests-and-long-enough-for-production",
    "SEGMIND_API_KEY": "SG_0123456789abcdef",
    "SECURE_SSL_REDIRECT": "false",
}

from segmind_site.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
