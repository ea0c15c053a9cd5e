from django import forms

from assets.models import Outcome
from assets.models.upload_requests import UploadRequestQuerySet


class RequestFilterForm(forms.Form):
    """Filters the upload requests on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "All outcomes"), ("open", "Open"), *Outcome.choices])

    def apply(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        outcome = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if outcome == "open":
            return requests.open()
        return requests.filter(outcome=outcome) if outcome else requests
