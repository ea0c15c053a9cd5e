from django.db import migrations, models


class Migration(migrations.Migration):
    """So that inputs of runs are found by URL, and files by how many runs used them."""

    dependencies = [
        ('assets', '0026_generations'),
    ]

    operations = [
        migrations.AddField(
            model_name='storedfile',
            name='run_count',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='runs of models that used it'),
        ),
        migrations.AddIndex(
            model_name='pasturl',
            index=models.Index(fields=['url'], name='past_url'),
        ),
        migrations.AddIndex(
            model_name='storedfile',
            index=models.Index(condition=models.Q(('run_count__gt', 0)), fields=['run_count'], name='stored_file_used'),
        ),
        migrations.AddIndex(
            model_name='storedfile',
            index=models.Index(condition=models.Q(('url', ''), _negated=True), fields=['url'], name='stored_file_whole_url'),
        ),
    ]
