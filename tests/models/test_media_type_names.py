"""The migration that gives media types their registered names."""

import pytest
from django.core.management import call_command

from assets.models import StoredFile
from tests.support.factories import a_stored_file


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_types_from_before_get_the_names_that_are_sent():
    stream = a_stored_file(content=b"stream", media_type="video/MP2T")
    picture = a_stored_file(content=b"picture", media_type="image/png")
    call_command("migrate", "assets", "0006", verbosity=0)
    call_command("migrate", verbosity=0)
    assert StoredFile.objects.get(pk=stream.pk).media_type == "video/mp2t"
    assert StoredFile.objects.get(pk=picture.pk).media_type == "image/png"
