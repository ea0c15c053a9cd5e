"""Models and judgements as programs get them."""

from assets.catalogue.works_with import Judgement
from assets.models import ModelInput, ModelLimit, ModelParameter, SegmindModel
from assets.models.catalogue import Sourced


def model_json(row: SegmindModel) -> dict[str, object]:
    """Needs no query with the rows of `store.PARTS` at hand. What is null is not stated."""
    of_all = [limit for limit in row.limits.all() if limit.input_id is None]
    return {
        "slug": row.slug,
        "title": row.title,
        "description": row.description,
        "output": row.output or None,
        "is_retired": row.is_retired,
        "page": row.get_absolute_url(),
        "source": source_json(row),
        "inputs": [input_json(one) for one in row.inputs.all()],
        "parameters": [parameter_json(one) for one in row.parameters.all()],
        "limits": [limit_json(limit) for limit in of_all],
    }


def input_json(row: ModelInput) -> dict[str, object]:
    return {
        "name": row.name,
        "kind": row.kind,
        "is_list": row.is_list,
        "required": row.required,
        "source": source_json(row),
        "limits": [limit_json(limit) for limit in row.limits.all()],
    }


def parameter_json(row: ModelParameter) -> dict[str, object]:
    return {
        "name": row.name,
        "type": row.type,
        "required": row.required,
        "default": row.default,
        "choices": row.choices,
        "source": source_json(row),
    }


def limit_json(row: ModelLimit) -> dict[str, object]:
    return {"name": row.name, "value": row.parse(), "source": source_json(row)}


def source_json(row: Sourced) -> dict[str, object]:
    return {"url": row.source_url or None, "read_on": row.read_on.isoformat(), "origin": row.origin}


def judgement_json(judgement: Judgement) -> dict[str, object]:
    return {
        "model": judgement.model.slug,
        "title": judgement.model.title,
        "input": judgement.input,
        "outcome": judgement.verdict.outcome,
        "reasons": list(judgement.verdict.reasons),
        "request": judgement.url,
    }
