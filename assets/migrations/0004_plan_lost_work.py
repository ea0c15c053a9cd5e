from django.db import migrations
from django.utils import timezone


def plan(apps, schema_editor):
    """Verifications and previews that lost their tasks before this version, which finds them by these columns."""
    files = apps.get_model("assets", "StoredFile").objects
    waiting = files.filter(preview="", preview_error="", media_type__regex=r"^((image|video|audio)/|application/pdf$)")
    waiting.exclude(original="").update(preview_at=timezone.now())
    unchecked = files.filter(state="stored", link_status="unchecked")
    requests = apps.get_model("assets", "UploadRequest").objects.filter(outcome__in=["stored", "partly_stored"])
    requests.filter(files__in=unchecked).update(verify_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("assets", "0003_find_lost_work")]
    operations = [migrations.RunPython(plan, migrations.RunPython.noop)]
