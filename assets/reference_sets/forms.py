"""What a form or a program says of a set."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from assets.models import ReferenceSet, SegmindModel, SetRole, Visibility
from assets.models.catalogue import SLUG_LENGTH
from assets.models.reference_sets import NOTE_LENGTH, TITLE_LENGTH, WORDS_LENGTH
from assets.reference_sets.state import Member, SetState
from assets.text.normalise import normalise_name

NO_MODEL = "No model yet"


class TextsForm(forms.Form):
    """A set without its members. A model that the catalogue does not know is kept, and can be said by a program."""

    title = forms.CharField(
        max_length=TITLE_LENGTH,
        error_messages={
            "required": "Give the set a title.",
            "max_length": "The title has %(show_value)d characters. Use at most %(limit_value)d.",
        },
    )
    model = forms.CharField(max_length=SLUG_LENGTH, required=False, widget=forms.Select)
    note = forms.CharField(max_length=NOTE_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    visibility = forms.ChoiceField(choices=Visibility, required=False)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None, model: str = "") -> None:
        super().__init__(data, initial=initial)
        self.fields["model"].widget.choices = list(_offer_models(model))

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if not normalise_name(title):
            raise ValidationError("Give the set a title.", code="required")
        return " ".join(title.split())


def _offer_models(chosen: str) -> Iterator[tuple[str, str]]:
    """Those that take files, the best used first."""
    yield "", NO_MODEL
    models = list(SegmindModel.objects.current().taking_files().best_used_first().values_list("slug", "title"))
    if chosen and chosen not in dict(models):
        yield chosen, chosen
    yield from models


def initial_of(found: ReferenceSet) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("title", "model", "note", "visibility")}


class MembersForm:
    """The members as the page sends them: `member`, once for each in their order, `role-<id>` and `words-<id>`.

    `move` is `<id>:up` or `<id>:down`, `remove` an id. What is not sent stays.
    """

    def __init__(self, data: QueryDict, before: SetState) -> None:
        self.data, self.before = data, before

    def read(self) -> tuple[Member, ...]:
        """Raises ValidationError."""
        known = self.before.by_id()
        if "member" not in self.data:
            return self.before.members
        ids = list(dict.fromkeys(pk for pk in self.data.getlist("member") if pk in known))
        members = [self._read_member(known[pk]) for pk in _move(ids, self.data.get("move", ""))]
        return tuple(member for member in members if member.id != self.data.get("remove"))

    def _read_member(self, member: Member) -> Member:
        role = self.data.get(f"role-{member.id}", member.role)
        words = " ".join(self.data.get(f"words-{member.id}", member.words).split())
        check_member(role, words)
        return replace(member, role=role, words=words)


def check_member(role: str, words: str) -> None:
    if role not in SetRole.values:
        raise ValidationError(f"“{role}” is not a role. Choose among: {', '.join(SetRole.values)}.", code="role")
    if len(words) > WORDS_LENGTH:
        message = f"The words of one asset have {len(words)} characters. Use at most {WORDS_LENGTH}."
        raise ValidationError(message, code="max_length")


def _move(ids: Sequence[str], how: str) -> list[str]:
    moved = list(ids)
    pk, _, direction = how.partition(":")
    if pk in moved and direction in ("up", "down"):
        at = moved.index(pk)
        moved.insert(max(0, at + (-1 if direction == "up" else 1)), moved.pop(at))
    return moved


def read_ids(texts: Sequence[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError:
        raise ValidationError("One of the assets has an invalid id.", code="invalid") from None
