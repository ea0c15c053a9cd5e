"""A request to a model with assets of the library, as a person or a program asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from assets import permissions
from assets.catalogue.fits import FileFacts, Verdict, judge
from assets.catalogue.specs import FileInput, ModelSpec
from assets.catalogue.works_with import facts_of
from assets.models import Asset
from assets.models.users import User
from assets.ready_requests.assign import LEFT_OUT, assign, find_remarks, number_files
from assets.ready_requests.body import Body, Chosen, Value, build_body
from assets.ready_requests.call import Call, Version
from assets.text.email_in_url import url_contains_email
from assets.web.responses import MissingError

# An address has to hold their ids.
MAX_ASSETS = 50
NOT_THERE = "One of these assets does not exist, or you cannot see it."


@dataclass(frozen=True)
class Place:
    """An asset in a request. `number` is how a prompt names it: `image 1`."""

    asset: Asset
    input: str
    number: str
    verdicts: Mapping[str, Verdict]
    trouble: str

    @property
    def verdict(self) -> Verdict | None:
        return self.verdicts.get(self.input)


@dataclass(frozen=True)
class ReadyRequest:
    spec: ModelSpec
    places: Sequence[Place]
    values: Mapping[str, Value]
    version: Version

    @property
    def troubles(self) -> list[str]:
        """Why there is no request, in sentences."""
        return [place.trouble for place in self.places if place.trouble]

    @cached_property
    def body(self) -> Body:
        return build_body(
            self.spec,
            [Chosen(place.input, place.asset.stored_file.url, place.asset.title) for place in self.places],
            self.values,
        )

    @property
    def call(self) -> Call:
        return Call(self.spec.slug, self.body, self.spec.title, self.spec.output, self.version)

    @property
    def remarks(self) -> list[str]:
        return find_remarks(self.spec, [place.input for place in self.places])

    @property
    def url_has_email(self) -> bool:
        return any(url_contains_email(place.asset.stored_file.url) for place in self.places)


def find_assets(user: User, pks: Sequence[UUID]) -> list[Asset]:
    """In this order, one as often as it is named. Raises MissingError if there is one that the person may not open."""
    assets = permissions.reachable_assets(user).select_related("stored_file").in_bulk(list(set(pks)))
    if len(assets) < len(set(pks)):
        raise MissingError(NOT_THERE)
    return [assets[pk] for pk in pks]


def prepare(
    spec: ModelSpec,
    assets: Sequence[Asset],
    asked: Sequence[str],
    *,
    values: Mapping[str, Value],
    version: Version = "v2",
) -> ReadyRequest:
    """`asked` as in `assign()`; a single one is for all."""
    asked = [*asked, *[asked[0] if len(asked) == 1 else ""] * len(assets)][: len(assets)]
    files = [facts_of(asset) for asset in assets]
    inputs = assign(spec, files, asked)
    numbers = number_files(spec, [file.kind for file in files], inputs)
    places = [
        Place(asset, name, number, _judge_all(spec.inputs, file, name), "" if ask == LEFT_OUT else find_trouble(asset))
        for asset, file, name, number, ask in zip(assets, files, inputs, numbers, asked, strict=True)
    ]
    return ReadyRequest(spec, places, values, version)


def _judge_all(inputs: Sequence[FileInput], file: FileFacts, chosen: str) -> dict[str, Verdict]:
    """Of the inputs that take its kind, and of the one that is chosen."""
    return {each.name: judge(each, file) for each in inputs if each.kind == file.kind or each.name == chosen}


def find_trouble(asset: Asset) -> str:
    """Why an asset cannot be in any request; empty if it can."""
    if asset.is_trashed:
        return f"“{asset.title}” is in the trash. Restore it, or leave it out."
    if not asset.stored_file.url:
        return f"“{asset.title}” has no URL yet. Wait until it is uploaded, or leave it out."
    return ""
