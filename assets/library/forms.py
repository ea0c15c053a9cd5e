from collections.abc import Mapping
from typing import cast

from django import forms

from assets.labels.forms import MAX_TAGS, NamesField, collections_field, tags_field, validate_well_formed
from assets.models import Asset, Visibility
from assets.models.assets import DESCRIPTION_LENGTH, TITLE_LENGTH, NameChange
from assets.models.page_queries import Labels
from assets.models.versions import Version
from assets.text.file_names import on_one_line, without_reordering
from assets.text.normalise import normalise_name

TEXTS = ("title", "description", "visibility")
NAMES = ("tags", "collections")
NO_VERSION = "Send the `version` of the asset as you read it, so that nobody else’s change is undone."


class LinesField(forms.CharField):
    """Text of several lines. Browsers count a line break as one character, but send two."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: object) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class DescribingForm(forms.Form):
    """The fields that describe an asset, both at its upload and later."""

    title = forms.CharField(required=False, max_length=TITLE_LENGTH, validators=[validate_well_formed])
    description = LinesField(required=False, max_length=DESCRIPTION_LENGTH, validators=[validate_well_formed])
    tags = tags_field()
    visibility = forms.ChoiceField(choices=Visibility, initial=Visibility.TEAM, required=False)

    def clean_title(self) -> str:
        """Empty if nothing of it is seen."""
        title = on_one_line(without_reordering(self.cleaned_data["title"]))
        return title if normalise_name(title) else ""

    def clean_visibility(self) -> str:
        return str(self.cleaned_data["visibility"] or Visibility.TEAM)


class AssetForm(DescribingForm):
    """What somebody changes of an asset.

    A program sends only that, with the `version` it was made from. A page sends all its fields: what differs from its
    version, or from the names that it showed (`initial-tags`), is what the person changed. `keep_title` and the like
    answer a conflict: “now” leaves the field as it is.
    """

    KEEP_NOW = "now"

    version = forms.CharField(required=False, widget=forms.HiddenInput, error_messages={"required": NO_VERSION})
    tags = tags_field(show_hidden_initial=True)
    collections = collections_field(max_names=MAX_TAGS, show_hidden_initial=True)
    add_tags, remove_tags = tags_field(), tags_field()
    add_collections = collections_field(max_names=MAX_TAGS)
    remove_collections = collections_field(max_names=MAX_TAGS)

    def __init__(self, data: Mapping[str, str] | None, *, asset: Asset, labels: Labels) -> None:
        self.asset, self.labels = asset, labels
        self.now = Version.of(asset, tags=labels.tags, collections=labels.collections)
        super().__init__(data, initial=self._describe_now())
        for name in NAMES:
            # Two people may have added as many as one of them may.
            self._names_field(name).max_names = MAX_TAGS + len(self._names_now(name))

    def with_data(self, data: Mapping[str, str] | None) -> "AssetForm":
        return AssetForm(data, asset=self.asset, labels=self.labels)

    def clean_title(self) -> str:
        return super().clean_title() or Asset.default_title(self.asset.file_name)

    def clean_visibility(self) -> str:
        return str(self.cleaned_data["visibility"] or self.asset.visibility)

    @property
    def read(self) -> Version | None:
        """The version that the change was made from, if it names one."""
        text = self.cleaned_data["version"]
        return Version.parse(text) if text else None

    def changed_texts(self) -> dict[str, str]:
        """The texts that the person changed, unless they are the same by now."""
        sent = {name: self.cleaned_data[name] for name in TEXTS if self._is_sent(name)}
        return {name: value for name, value in sent.items() if self._is_changed(name, value)}

    def changed_names(self, field: str) -> NameChange:
        """The tags or collections that the person added and removed, unless that is done by now."""
        names = self._names_field(field)
        added, removed = list(self.cleaned_data[f"add_{field}"]), list(self.cleaned_data[f"remove_{field}"])
        if self._is_sent(field):
            before, after = self._shown_names(field), self.cleaned_data[field]
            added += names.without(after, before)
            removed += names.without(before, after)
        now = self._names_now(field)
        return NameChange(names.without(added, now), names.among(names.without(removed, added), now))

    def conflicts(self) -> list[str]:
        """The fields that the person changed, and somebody else too since the version that was read."""
        read = self.read
        if read is None:
            # Nothing shows that the person knew that the asset is private.
            is_published = self.changed_texts().get("visibility") == Visibility.TEAM
            return ["visibility"] if is_published else []
        changed = [*self.changed_texts(), *filter(self._replaces_names, NAMES)]
        return [name for name in changed if not read.agrees(self.now, name)]

    def on_top_of_now(self) -> "AssetForm":
        """What the person changed, in a form that shows what the asset has now."""
        changed = {name: self.data[name] for name in self.changed_texts()}
        merged = {name: self._merge_names(name, self.changed_names(name)) for name in NAMES}
        return self.with_data({**self._shown_now(), **changed, **merged})

    def completed(self) -> "AssetForm":
        """As it was sent, valid or not, with the fields that were left out."""
        sent = {name: (self.data.get(f"add_{name}", ""), self.data.get(f"remove_{name}", "")) for name in NAMES}
        split = {name: NameChange(*map(self._names_field(name).split, texts)) for name, texts in sent.items()}
        merged = {name: self._merge_names(name, change) for name, change in split.items()}
        shown = self._shown_now()
        kept = {name: shown[name] for name in TEXTS if self._is_kept(name)}
        return self.with_data({**shown, **merged, **self.data, **kept})

    def _shown_now(self) -> dict[str, str]:
        """What the form would send if nothing was changed in it."""
        now = self.with_data(None)
        shown = {name: str(now[name].value()) for name in (*TEXTS, *NAMES, "version")}
        return shown | {f"initial-{name}": shown[name] for name in NAMES}

    def _describe_now(self) -> dict[str, object]:
        return {
            **{name: getattr(self.asset, name) for name in TEXTS},
            "title": on_one_line(self.asset.title),
            **self.labels._asdict(),
            "version": str(self.now),
        }

    def _is_sent(self, name: str) -> bool:
        return name in self.data and not self._is_kept(name)

    def _is_kept(self, name: str) -> bool:
        return bool(self.data.get(f"keep_{name}") == self.KEEP_NOW)

    def _is_changed(self, name: str, value: str) -> bool:
        return not self.now.has(name, value) and not (self.read and self.read.has(name, value))

    def _names_field(self, name: str) -> NamesField:
        return cast(NamesField, self.fields[name])

    def _names_now(self, field: str) -> list[str]:
        return list(self.labels._asdict()[field])

    def _shown_names(self, field: str) -> list[str]:
        """Those of the page, or else those of now: then the names sent replace them all."""
        shown = self.data.get(f"initial-{field}")
        return self._names_now(field) if shown is None else self._names_field(field).split(shown)

    def _merge_names(self, field: str, change: NameChange) -> str:
        names = self._names_field(field)
        kept = names.without(self._names_now(field), change.removed)
        return ", ".join([*kept, *names.without(change.added, kept)])

    def _replaces_names(self, field: str) -> bool:
        is_whole = self._is_sent(field) and f"initial-{field}" not in self.data
        return is_whole and any(self.changed_names(field))
