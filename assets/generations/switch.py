"""What administrators choose about outputs: whether the history is read, and what is kept without asking."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from assets.audit.log import record_changes
from assets.generations import read
from assets.models import GenerationHistory, GenerationRun, User
from assets.models.generations import KeepRule


class Choice(NamedTuple):
    is_on: bool
    rule: KeepRule
    kept_models: Sequence[str] = ()


@transaction.atomic
def choose(choice: Choice, person: User, now: datetime) -> None:
    history = GenerationHistory.objects.load()
    if choice.is_on and not history.is_on:
        history.next_read_at, history.paused_because = now, ""
    history.is_on, history.rule, history.kept_models = choice.is_on, choice.rule, sorted(set(choice.kept_models))
    history.owner = person
    history.save(update_fields=["is_on", "rule", "kept_models", "owner", "next_read_at", "paused_because"])
    record_changes([(person, {"outputs": ("", _describe(choice))})], actor=person)


@transaction.atomic
def keep_model(model: str, person: User, now: datetime) -> None:
    """From now on, keep the outputs of a model, too."""
    history = GenerationHistory.objects.load()
    if not history.keeps(model):
        choose(Choice(history.is_on, KeepRule.MODELS, [*history.kept_models, model]), person, now)


def read_now(now: datetime) -> None:
    """Within seconds, whatever the last reading came upon."""
    GenerationHistory.objects.filter(is_on=True).update(
        next_read_at=now, leased_until=now, paused_because="", problem="", failures=0
    )
    read.plan(now)


def _describe(choice: Choice) -> str:
    if not choice.is_on:
        return "Keep outputs switched off"
    kept = {
        KeepRule.NONE: "nothing by itself",
        KeepRule.MODELS: f"outputs of {', '.join(choice.kept_models) or 'no model'}",
        KeepRule.ALL: "every output",
    }
    return f"Keep outputs switched on, keeps {kept[choice.rule]}"


@transaction.atomic
def purge(run: GenerationRun, person: User, now: datetime) -> None:
    run.purge(now)
    record_changes([(person, {"outputs": ("", f"Prompt of run {run.request_id} purged")})], actor=person)
