"""Saving, changing and ordering searches. Who may is asked of `permissions`."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from assets import permissions
from assets.models import SavedSearch, User
from assets.models.saved_searches import MAX_SAVED_SEARCHES, NAME_LENGTH, TEXT_LENGTH
from assets.search.pagination import NEWEST, ORDERS
from assets.text.normalise import clean_name, normalise_name


class SavedSearchForm(forms.Form):
    """A search with the name that it gets. `team`: for everybody, which only managers may say."""

    name = forms.CharField(
        max_length=NAME_LENGTH,
        error_messages={
            "required": "Give the search a name.",
            "max_length": "The name has %(show_value)d characters. Use at most %(limit_value)d.",
        },
    )
    q = forms.CharField(max_length=TEXT_LENGTH, required=False)
    sort = forms.CharField(required=False)
    team = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, str] | None, *, user: User, saved: SavedSearch | None = None) -> None:
        super().__init__(data)
        self.user, self.saved = user, saved

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        if not normalise_name(name):
            raise ValidationError("Give the search a name.", code="required")
        return name

    def clean_sort(self) -> str:
        sort = self.cleaned_data["sort"]
        return sort if sort in ORDERS and sort != NEWEST.name else ""

    def clean(self) -> None:
        if not self.errors:
            self._check_name()
        if self.saved is None and not self.cleaned_data.get("q") and not self.cleaned_data.get("sort"):
            raise ValidationError("Search for something first, then save it.", code="empty")

    @property
    def owner(self) -> User | None:
        if self.saved is not None:
            return self.saved.owner
        return None if self.cleaned_data["team"] and permissions.may_manage(self.user) else self.user

    def _check_name(self) -> None:
        owner = self.owner
        others = SavedSearch.objects.exclude(pk=self.saved.pk) if self.saved else SavedSearch.objects.all()
        if others.filter(key=SavedSearch.make_key(owner.pk if owner else None, self.cleaned_data["name"])).exists():
            self.add_error("name", _name_is_taken(self.cleaned_data["name"], owner))


def _name_is_taken(name: str, owner: User | None) -> ValidationError:
    whose = "You already have" if owner else "The team already has"
    return ValidationError(f"{whose} a search “{name}”. Choose another name.", code="unique")


def lock(saved: SavedSearch) -> None:
    """Until the transaction ends, nobody else changes or deletes it, or another of the same owner."""
    list(SavedSearch.objects.of(saved.owner).select_for_update(of=("self",)).order_by("pk"))


def save(form: SavedSearchForm) -> SavedSearch:
    """A new search, after the others. Raises ValidationError if there are too many."""
    return _append(form.owner, SavedSearch(**_fields(form), name=form.cleaned_data["name"]))


def rename(saved: SavedSearch, name: str) -> None:
    saved.name = name
    _write(saved)


def update(saved: SavedSearch, form: SavedSearchForm) -> None:
    """What is searched for, under the same name."""
    saved.text, saved.sort = form.cleaned_data["q"], form.cleaned_data["sort"]
    saved.save()


def pin(saved: SavedSearch, *, is_pinned: bool) -> None:
    saved.is_pinned = is_pinned
    saved.save()


def give(saved: SavedSearch, owner: User | None) -> None:
    """Make it one of the team or, with an owner, of that person alone."""
    if SavedSearch.objects.filter(key=SavedSearch.make_key(owner.pk if owner else None, saved.name)).exists():
        whose = "You already have" if owner else "The team already has"
        raise ValidationError(f"{whose} a search “{saved.name}”. Rename one of them first.", code="unique")
    _append(owner, saved)


def move(saved: SavedSearch, *, by: int) -> None:
    """Up or down among those of the same owner, which are locked."""
    ordered = list(SavedSearch.objects.of(saved.owner))
    at = ordered.index(saved)
    ordered.insert(max(0, at + by), ordered.pop(at))
    for position, each in enumerate(ordered):
        each.position = position
    SavedSearch.objects.bulk_update(ordered, ["position"])


def _append(owner: User | None, saved: SavedSearch) -> SavedSearch:
    others = list(SavedSearch.objects.of(owner).values_list("position", flat=True))
    if len(others) >= MAX_SAVED_SEARCHES:
        whose = "You have" if owner else "The team has"
        raise ValidationError(f"{whose} {len(others)} saved searches, the limit. Delete one first.", code="too_many")
    saved.owner, saved.position = owner, max(others, default=-1) + 1
    _write(saved)
    return saved


def _write(saved: SavedSearch) -> None:
    """Somebody may have taken the name since it was looked at, as in a second tab."""
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError:
        raise _name_is_taken(saved.name, saved.owner) from None


def _fields(form: SavedSearchForm) -> dict[str, str]:
    return {"text": form.cleaned_data["q"], "sort": form.cleaned_data["sort"]}
