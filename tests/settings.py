"""The application's settings, with everything that could reach a real service or a real library replaced."""

import os
import tempfile
from pathlib import Path

# One folder for this run, in it one for each process that runs tests beside others; what those start finds it too.
RUN = os.environ.get("TEST_FOLDER") or tempfile.mkdtemp(prefix="asset-library-tests-")
FOLDER = Path(RUN, os.environ.get("PYTEST_XDIST_WORKER", ""))
FOLDER.mkdir(parents=True, exist_ok=True)
os.environ |= {
    "TEST_FOLDER": RUN,
    "ENV_FILE": os.devnull,
    "DEBUG": "true",
    "SECRET_KEY": "only-for-tests-and-long-enough-for-production",
    "MEDIA_ROOT": str(FOLDER / "media"),
    "DISK_RESERVE_BYTES": "0",
    "SEGMIND_API_KEY": "SG_0123456789abcdef",
    "SEGMIND_ASSET_HOSTS": ".segmind.com,127.0.0.1",
    "SEGMIND_REQUESTS_PER_MINUTE": "1000",
    "SEGMIND_RETRY_SECONDS": "0",
    "SEGMIND_LINGER_SECONDS": "0",
    "SEGMIND_CONNECT_TIMEOUT": "5",
    "LINK_REQUESTS_PER_SECOND": "100000",
    "SEGMIND_READ_TIMEOUT": os.environ.get("SEGMIND_READ_TIMEOUT", "5"),
}
os.environ.setdefault("SEGMIND_HISTORY_URL", "http://127.0.0.1:9/request-history")
os.environ.setdefault("SEGMIND_MODELS_URL", "http://127.0.0.1:9/models")
os.environ.setdefault("SEGMIND_DIRECTORY_URL", "http://127.0.0.1:9/llms.txt")
os.environ.setdefault("SEGMIND_UPLOAD_URL", "http://127.0.0.1:9/upload-asset")

from segmind_site.settings import *  # noqa: E402, F403
from segmind_site.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the worker and the browser's server are other threads and processes.
    DATABASES["default"]["TEST"] = {"NAME": FOLDER / "test.sqlite3"}
    # No test cuts the power: to wait for the disk would be most of their time.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
