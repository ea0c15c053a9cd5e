"""Models of Segmind for tests."""

from collections.abc import Mapping
from typing import Any

from assets.models import ModelInput, ModelLimit, SegmindModel
from assets.models.catalogue import Origin

SOURCE = "https://www.segmind.com/models/a/api"


def a_model(slug: str, title: str = "", **fields: Any) -> SegmindModel:
    return SegmindModel.objects.create(slug=slug, title=title or slug, source_url=SOURCE, **fields)


def an_input(
    model: SegmindModel, name: str, kind: str = "image", *, limits: Mapping[str, object] = {}, **fields: Any
) -> ModelInput:
    """With limits by their names."""
    one = ModelInput.objects.create(model=model, name=name, kind=kind, **{"origin": Origin.SHIPPED, **fields})
    ModelLimit.objects.bulk_create(
        ModelLimit(model=model, input=one, name=name, value=str(value), source_url=SOURCE, origin=one.origin)
        for name, value in limits.items()
    )
    return one
