from django import forms

from assets.models import Outcome, User
from assets.models.upload_requests import UploadRequestQuerySet


class RequestFilterForm(forms.Form):
    """Filters the upload requests on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "All outcomes"), ("open", "Open"), *Outcome.choices])

    def apply(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        outcome = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if outcome == "open":
            return requests.open()
        return requests.filter(outcome=outcome) if outcome else requests


class FeedForm(forms.Form):
    """Whose activity, and from where in the log."""

    person = forms.CharField(required=False, max_length=150, strip=True)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean_person(self) -> User | None:
        name = self.cleaned_data["person"]
        person = User.objects.filter(username__iexact=name).first() if name else None
        if name and person is None:
            raise forms.ValidationError("There is nobody with the username “%(name)s”.", params={"name": name})
        return person
