from django import forms

from assets.labels.forms import MAX_TAGS, collections_field, tags_field
from assets.models import Asset, Visibility
from assets.models.assets import TITLE_LENGTH
from assets.models.page_queries import Labels
from assets.models.users import User
from assets.text.file_names import without_reordering


class DescribingForm(forms.Form):
    """The fields that describe an asset, both at its upload and later."""

    title = forms.CharField(required=False, max_length=TITLE_LENGTH)
    description = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    tags = tags_field()
    visibility = forms.ChoiceField(choices=Visibility, initial=Visibility.TEAM, required=False)

    def clean_title(self) -> str:
        return without_reordering(self.cleaned_data["title"])

    def clean_visibility(self) -> str:
        return str(self.cleaned_data["visibility"] or Visibility.TEAM)


class AssetForm(DescribingForm):
    collections = collections_field(max_names=MAX_TAGS)

    field_order = ("title", "tags", "collections", "description", "visibility")

    @classmethod
    def for_asset(cls, asset: Asset, labels: Labels) -> "AssetForm":
        """The form filled with what the asset has now."""
        return cls(
            initial={
                "title": asset.title,
                "description": asset.description,
                "tags": labels.tags,
                "collections": labels.collections,
                "visibility": asset.visibility,
            }
        )

    def save(self, asset: Asset, *, by: User) -> None:
        """Change the fields that were sent; the others stay as they are."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if "title" in sent:
            asset.title = sent["title"] or Asset.default_title(asset.file_name)
        asset.description = sent.get("description", asset.description)
        asset.visibility = sent.get("visibility", asset.visibility)
        asset.save(update_fields=["title", "description", "visibility", "updated_at"])
        asset.set_labels(tags=sent.get("tags"), collections=sent.get("collections"), by=by)
