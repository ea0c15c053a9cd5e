"""The code that calls a model with one asset, for those who do not say which model."""

from collections.abc import Iterator
from typing import cast

from assets.catalogue import store
from assets.catalogue.specs import FileInput, MediaKind, ModelSpec
from assets.catalogue.works_with import works_with
from assets.models import Asset
from assets.ready_requests.formats import FORMATS, Format
from assets.ready_requests.prepare import prepare

NAMES = ("curl", "python", "segmind", "javascript")


def write_calls(asset: Asset) -> Iterator[tuple[Format, str]]:
    """Of the best used model that the asset fits; of a model to be named, if there is none."""
    best = works_with(asset).best
    spec = store.find_model(best.model.slug) if best else None
    call = prepare(spec or _unnamed(asset.kind), [asset], [best.input if best else ""], values={}).call
    for name in NAMES:
        yield FORMATS[name], FORMATS[name].write(call)


def _unnamed(kind: str) -> ModelSpec:
    return ModelSpec(slug="model-name", title="", inputs=(FileInput(name="file", kind=cast(MediaKind, kind)),))
