from django import forms

from assets.models import Outcome
from assets.models.upload_requests import UploadRequestQuerySet


class LedgerForm(forms.Form):
    """The filter of the ledger on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "Every outcome"), ("open", "Open"), *Outcome.choices])

    def rows(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        wanted = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if wanted == "open":
            return requests.open()
        return requests.filter(outcome=wanted) if wanted else requests
