from django.db import migrations

# What was stored before there was one table of formats, and the type that is sent now.
RENAMED = {
    "audio/vnd.dolby.dd-raw": "audio/ac3",
    "audio/x-mp4a-latm": "audio/mp4a-latm",
    "audio/x-unknown": "audio/x-voc",
    "audio/mid": "audio/midi",
    "image/x-icns": "image/icns",
    "image/x-pcx": "image/vnd.zbrush.pcx",
    "image/x-portable-greymap": "image/x-portable-graymap",
    "image/x-tga": "image/x-targa",
    "video/MP2T": "video/mp2t",
}


def rename(apps, schema_editor):
    """The column has an index, so that this costs as little as there are such files."""
    files = apps.get_model("assets", "StoredFile").objects
    for earlier, media_type in RENAMED.items():
        files.filter(media_type=earlier).update(media_type=media_type)


class Migration(migrations.Migration):
    dependencies = [("assets", "0006_compare_names_by_language")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
