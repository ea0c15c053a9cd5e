"""Finds the files of the library that inputs of runs were, by the URLs that they have and once had."""

import uuid
from collections.abc import Iterable

from assets.generations.rows import without_query
from assets.models import GenerationOutput, PastUrl, RunInput, StoredFile
from assets.models.generations import count_runs


def find_files(urls: Iterable[str]) -> dict[str, uuid.UUID]:
    """The files by URL. An output of another run counts, once it was kept."""
    forms = {url: (url, without_query(url)) for url in urls}
    wanted = {form for both in forms.values() for form in both}
    outputs = GenerationOutput.objects.filter(url__in=wanted, stored_file__isnull=False)
    past = PastUrl.objects.filter(url__in=wanted).order_by("replaced_at", "id")
    present = StoredFile.objects.filter(url__in=wanted).exclude(url="")
    found = [
        *outputs.values_list("url", "stored_file"), *past.values_list("url", "stored_file"),
        *present.order_by().values_list("url", "pk"),
    ]  # fmt: skip
    files = dict(found)
    return {url: files[form] for url, both in forms.items() for form in reversed(both) if form in files}


def match_kept_output(output: GenerationOutput) -> None:
    """Tell the file where it comes from, and the runs that were given this output at Segmind which file it is."""
    if not output.stored_file_id:
        return
    StoredFile.objects.filter(pk=output.stored_file_id).update(is_output=True)
    urls = {output.url, without_query(output.url)}
    RunInput.objects.filter(url__in=urls, stored_file=None).update(stored_file=output.stored_file_id)
    count_runs([output.stored_file_id])
