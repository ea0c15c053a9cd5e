"""Uploads until the disk of MEDIA_ROOT is full, then goes on for a while. Prints what was answered, as JSON.

Run by a test, on a small disk of its own.
"""

import json
import os

import django
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client


def post(client: Client, size: int) -> list[object]:
    content = b"%PDF-1.4\n" + os.urandom(size)
    response = client.post(
        "/upload/", {"files": SimpleUploadedFile("x.pdf", content)}, headers={"accept": "application/json"}
    )
    answer = response.json()
    (result,) = answer.get("results") or [answer]
    return [response.status_code, result.get("status"), (result.get("error") or {}).get("code")]


if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    from assets.models import StoredFile
    from tests.support.factories import a_user

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(a_user("ana"))
    answers = [post(client, size) for size in (300_000,) * 30 + (3_000,) * 60 + (10,) * 60]
    left = [str(path) for path in settings.FILE_UPLOAD_TEMP_DIR.rglob("*")]
    kept = {path.name for path in (settings.MEDIA_ROOT / "originals").rglob("*") if path.is_file()}
    left += kept - set(StoredFile.objects.values_list("sha256", flat=True))
    print(json.dumps({"answers": answers, "left": left}))
