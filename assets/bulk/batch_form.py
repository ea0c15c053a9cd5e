from collections import Counter
from collections.abc import Sequence

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from assets.bulk.forms import SelectionForm
from assets.catalogue.specs import FileInput, ModelSpec
from assets.models import Asset
from assets.ready_requests.batch import DEFAULT_RATE, MAX_RATE, SCRIPTS, Script
from assets.ready_requests.body import Chosen

URL_PREFIX = "url-"
EACH = "Takes the asset, a different one in each request."


class BatchForm(SelectionForm):
    """A selection, and how a script is to send it."""

    rate = forms.IntegerField(
        min_value=1,
        max_value=MAX_RATE,
        initial=DEFAULT_RATE,
        label="Requests per minute",
        help_text=f"Segmind’s Free plan allows {DEFAULT_RATE}.",
    )
    script = forms.ChoiceField(choices=[(each.name, each.label) for each in SCRIPTS.values()])
    unfit = forms.BooleanField(required=False, label="Also send assets that do not fit")

    def __init__(self, spec: ModelSpec, data: QueryDict) -> None:
        """`data` is a copy: the input that is found is noted there, for the page to show."""
        super().__init__(data)
        self.spec, self._data = spec, data
        names = [(each.name, each.name) for each in spec.inputs]
        self.fields["input"] = forms.ChoiceField(choices=names, required=False, help_text=EACH)
        for name, _ in names:
            self.fields[URL_PREFIX + name] = forms.URLField(
                label=name, required=False, assume_scheme="https", help_text="A URL, the same in each request."
            )

    @property
    def is_selection_valid(self) -> bool:
        """Whether it names assets, even if it does not say in a valid way how to send them."""
        return not self.errors.keys() & {NON_FIELD_ERRORS, *SelectionForm.base_fields}

    @property
    def chosen_rate(self) -> int:
        return int(self.cleaned_data.get("rate") or DEFAULT_RATE)

    @property
    def chosen_script(self) -> Script:
        return SCRIPTS[self.cleaned_data.get("script") or next(iter(SCRIPTS))]

    def url_fields(self, target: FileInput, *, required: bool) -> list[forms.BoundField]:
        """Those for the files that all requests have."""
        others = [each for each in self.spec.inputs if each != target and bool(each.required) == required]
        return [self[URL_PREFIX + each.name] for each in others]

    def chosen(self, target: FileInput) -> list[Chosen]:
        urls = {each: self.cleaned_data.get(URL_PREFIX + each.name) for each in self.spec.inputs if each != target}
        return [Chosen(each.name, url) for each, url in urls.items() if url]

    def find_input(self, assets: Sequence[Asset]) -> FileInput | None:
        """The one that is chosen; otherwise, of those for most of the assets, one that is required, or the first."""
        if name := self.cleaned_data.get("input"):
            return next(each for each in self.spec.inputs if each.name == name)
        kinds = Counter(asset.kind for asset in assets)
        ranked = sorted(self.spec.inputs, key=lambda each: (-kinds[each.kind], not each.required))
        if ranked:
            self._data["input"] = ranked[0].name
        return ranked[0] if ranked else None
