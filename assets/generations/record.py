"""Writes down what a page of the history says: new runs, and what is news about the others.

A row that comes again, on another page or in another reading, changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from assets.generations.match import find_files
from assets.generations.rows import Row, without_query
from assets.models import GenerationOutput, GenerationRun, RunInput, User
from assets.models.generations import LIFETIME, count_runs

FACTS = ("model", "status", "cost", "latency_ms", "email")
# Errors quote the prompt and addresses of inputs.
ASKED = ("prompt", "parameters", "error")
SAME_MOMENT = timedelta(minutes=1)


def record_rows(rows: Iterable[Row], now: datetime) -> None:
    """Nothing was made after `now`, which is when a run without a date was made."""
    merged = _merge(replace(row, made_at=row.made_at and min(row.made_at, now)) for row in rows)
    runs = GenerationRun.objects.in_bulk(list(merged), field_name="request_id")
    people = _find_people(merged.values())
    new = [_make_run(row, people, now) for key, row in merged.items() if key not in runs]
    GenerationRun.objects.bulk_create(new, batch_size=100)
    for run in runs.values():
        _update(run, merged[run.request_id], people)
    runs |= {run.request_id: run for run in new}
    _record_outputs([(runs[key], row) for key, row in merged.items()])
    _record_inputs([(runs[key], row) for key, row in merged.items()])


def _merge(rows: Iterable[Row]) -> dict[str, Row]:
    """One row for each request, with the outputs of all, and of everything else what is said."""
    merged: dict[str, Row] = {}
    for row in rows:
        earlier = merged.get(row.request_id)
        if earlier:
            said = {each.name: getattr(row, each.name) or getattr(earlier, each.name) for each in fields(Row)}
            said["outputs"] = tuple(dict.fromkeys((*earlier.outputs, *row.outputs)))
            row = replace(earlier, **said)
        merged[row.request_id] = row
    return merged


def _find_people(rows: Iterable[Row]) -> dict[str, User]:
    """By e-mail address; none where two accounts have the same."""
    wanted = {row.email.lower() for row in rows if row.email}
    people: dict[str, list[User]] = {}
    if wanted:
        for person in User.objects.filter(is_active=True).exclude(email=""):
            people.setdefault(person.email.lower(), []).append(person)
    return {email: people[email][0] for email in wanted if len(people.get(email, ())) == 1}


def _make_run(row: Row, people: dict[str, User], now: datetime) -> GenerationRun:
    facts = {name: getattr(row, name) for name in (*FACTS, *ASKED)}
    return GenerationRun(
        request_id=row.request_id, made_at=row.made_at or now, person=people.get(row.email.lower()), **facts
    )


def _update(run: GenerationRun, row: Row, people: dict[str, User]) -> None:
    names = FACTS if run.purged_at else (*FACTS, *ASKED)
    news = {name: value for name in names if (value := getattr(row, name)) and value != getattr(run, name)}
    # Whoever takes an address later does not get the prompts of its runs.
    if run.person_id is None and not run.email and (person := people.get(row.email.lower())):
        news["person"] = person
    if row.made_at and abs(row.made_at - run.made_at) > SAME_MOMENT:
        news["made_at"] = row.made_at
        run.outputs.update(expires_at=row.made_at + LIFETIME)
    if news:
        for name, value in news.items():
            setattr(run, name, value)
        run.save(update_fields=list(news))


def _record_outputs(pairs: Sequence[tuple[GenerationRun, Row]]) -> None:
    known = set(GenerationOutput.objects.filter(run__in=[run.pk for run, _ in pairs]).values_list("run", "url"))
    GenerationOutput.objects.bulk_create(
        [
            GenerationOutput(run=run, url=url, expires_at=run.made_at + LIFETIME)
            for run, row in pairs
            for url in row.outputs
            if (run.pk, url) not in known
        ],
        batch_size=100,
    )


def _record_inputs(pairs: Sequence[tuple[GenerationRun, Row]]) -> None:
    """Those of runs that have none yet. Of a purged run, only the files of the library are known."""
    candidates = [run.pk for run, row in pairs if row.inputs and not run.purged_at]
    known = set(RunInput.objects.filter(run__in=candidates).values_list("run", flat=True))
    new = [(run, row) for run, row in pairs if run.pk in candidates and run.pk not in known]
    if not new:
        return
    files = find_files(url for _, row in new for _, url in row.inputs)
    inputs = [
        RunInput(run=run, field=name, url=without_query(url), stored_file_id=files.get(url))
        for run, row in new
        for name, url in row.inputs
    ]
    RunInput.objects.bulk_create(inputs, batch_size=200, ignore_conflicts=True)
    count_runs(set(files.values()))
