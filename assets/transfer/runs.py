"""What follows for files from imported runs, and what an import changes of them."""

from collections.abc import Sequence

from assets.models import GenerationOutput, RunInput, StoredFile
from assets.models.generations import OutputState, count_runs
from assets.transfer.archive import Row
from assets.transfer.references import Pk


def count_uses(inserted: Sequence[tuple[Pk, Row]], report: object) -> None:
    inputs = RunInput.objects.filter(pk__in=[pk for pk, _ in inserted], stored_file__isnull=False)
    count_runs(set(inputs.values_list("stored_file", flat=True)))


def mark_made(inserted: Sequence[tuple[Pk, Row]], report: object) -> None:
    kept = GenerationOutput.objects.filter(pk__in=[pk for pk, _ in inserted], stored_file__isnull=False)
    StoredFile.objects.filter(pk__in=kept.values("stored_file")).update(is_output=True)


def prepare_output(output: GenerationOutput, row: Row, report: object) -> None:
    """Nobody here has begun to keep it."""
    if output.state == OutputState.KEEPING:
        output.state = OutputState.FOUND
