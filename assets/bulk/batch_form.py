from collections import Counter
from collections.abc import Mapping, Sequence

from django import forms

from assets.bulk.forms import SelectionForm
from assets.catalogue.specs import FileInput, ModelSpec
from assets.models import Asset
from assets.ready_requests.batch import DEFAULT_RATE, MAX_RATE, SCRIPTS

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

    def __init__(self, spec: ModelSpec, data: Mapping[str, object]) -> None:
        super().__init__(data)
        self.spec = spec
        names = [(each.name, each.name) for each in spec.inputs]
        self.fields["input"] = forms.ChoiceField(choices=names, required=False, help_text=EACH)

    def find_input(self, assets: Sequence[Asset]) -> FileInput | None:
        """The one that is chosen; otherwise, of those for most of the assets, one that is required, or the first."""
        if name := self.cleaned_data["input"]:
            return next(each for each in self.spec.inputs if each.name == name)
        kinds = Counter(asset.kind for asset in assets)
        ranked = sorted(self.spec.inputs, key=lambda each: (-kinds[each.kind], not each.required))
        return ranked[0] if ranked else None
