"""What an archive contains of models, of what they made, and of sets for them."""

from assets.models import (
    GenerationOutput,
    GenerationRun,
    ModelInput,
    ModelLimit,
    ModelParameter,
    ReferenceSet,
    RunInput,
    SegmindModel,
    SetMember,
    SetPin,
)
from assets.transfer.table import PLANS, SERIAL, SOURCE, Table

MODEL_TABLES = (
    Table(
        "models",
        SegmindModel,
        key=("slug",),
        columns=("slug", "title", "description", "output", "retired_at", "use_count", *SOURCE),
        left_out={"id": SERIAL},
    ),
    Table(
        "model_inputs",
        ModelInput,
        key=("model", "name"),
        columns=("model", "name", "position", "kind", "is_list", "required", *SOURCE),
        left_out={"id": SERIAL},
        order=("model__slug", "name"),
    ),
    Table(
        "model_parameters",
        ModelParameter,
        key=("model", "name"),
        columns=("model", "name", "position", "type", "required", "default", "choices", *SOURCE),
        left_out={"id": SERIAL},
        order=("model__slug", "name"),
    ),
    Table(
        "model_limits",
        ModelLimit,
        key=("model", "input", "name"),
        columns=("model", "input", "name", "value", *SOURCE),
        left_out={"id": SERIAL},
        order=("model__slug", "name", "input__name"),
    ),
    Table(
        "runs",
        GenerationRun,
        key=("request_id",),
        columns=(
            "id", "request_id", "model", "status", "made_at", "cost", "latency_ms", "error", "email", "person",
            "prompt", "parameters", "purged_at",
        ),
    ),
    Table(
        "run_inputs",
        RunInput,
        key=("run", "url"),
        columns=("run", "field", "url", "stored_file"),
        left_out={"id": SERIAL},
    ),
    Table(
        "outputs",
        GenerationOutput,
        key=("run", "url"),
        columns=(
            "id", "run", "url", "state", "expires_at", "error", "sha256", "stored_file", "kept_by", "ended_at",
        ),
        left_out={"attempts": PLANS, "next_attempt_at": PLANS},
    ),
    Table(
        "sets",
        ReferenceSet,
        key=("id",),
        columns=("id", "owner", "title", "note", "model", "visibility", "changed_by", "created_at", "updated_at"),
        left_out={"version": "for edits that are under way", "deleted_at": "deleted ones are gone within the hour"},
        filters={"deleted_at": None},
        restricting=("visibility",),
    ),
    Table(
        "set_members",
        SetMember,
        key=("id",),
        columns=("id", "reference_set", "asset", "kind", "position", "role", "words"),
        order=("reference_set", "position", "id"),
        filters={"reference_set__deleted_at": None},
    ),
    Table(
        "set_pins",
        SetPin,
        key=("user", "reference_set"),
        columns=("user", "reference_set"),
        left_out={"id": SERIAL},
        order=("user__username", "reference_set"),
        filters={"reference_set__deleted_at": None},
    ),
)  # fmt: skip
