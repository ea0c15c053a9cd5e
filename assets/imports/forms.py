"""The form that names files on the web."""

from django import forms
from django.core.exceptions import ValidationError

from assets.imports.fetch import MAX_URL_LENGTH
from assets.uploads.forms import NewFileForm

# In one request, which fetches one after the other.
MAX_URLS = 20


class UrlsField(forms.CharField):
    """Addresses, one in each line; cleans to a list without repetitions."""

    widget = forms.Textarea(attrs={"rows": 3, "placeholder": "https://…", "inputmode": "url", "autocapitalize": "off"})

    def clean(self, value: object) -> list[str]:
        urls = list(dict.fromkeys(super().clean(value).split()))
        if len(urls) > MAX_URLS:
            raise ValidationError(f"{len(urls)} addresses entered. Enter at most {MAX_URLS} at once.", code="too_many")
        return urls


class ImportForm(NewFileForm):
    urls = UrlsField(label="Addresses", help_text="One in each line.", max_length=MAX_URLS * MAX_URL_LENGTH, strip=True)

    field_order = ("urls", "title", "tags", "collection", "description", "visibility")
