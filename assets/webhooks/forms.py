from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.imports.fetch import MAX_URL_LENGTH, check_url
from assets.models import Webhook
from assets.models.webhooks import Event
from assets.text.well_formed import HALF_CHARACTER, is_well_formed
from assets.webhooks.changes import Settings

MAX_WEBHOOKS = 20
WHAT_IS_ACCEPTED = (
    "Enter an https address on port 443, without a name and password, such as https://example.com/webhooks/assets."
)


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="URL",
        max_length=MAX_URL_LENGTH,
        help_text="An https address that can be reached from the internet.",
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/webhooks/assets", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        choices=[(event.value, f"{event.label}: {event.description}") for event in Event],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one event.",
            "invalid_choice": f"“%(value)s” is not an event. Choose among: {', '.join(Event.values)}.",
        },
    )

    def __init__(self, data: Any = None, *, webhook: Webhook | None = None) -> None:
        events = webhook.events.split() if webhook else Event.values
        super().__init__(data, initial={"url": webhook.url if webhook else "", "events": events})
        self.webhook = webhook

    @property
    def settings(self) -> Settings:
        return Settings(self.cleaned_data["url"], self.cleaned_data["events"])

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not is_well_formed(url):
            raise ValidationError(HALF_CHARACTER, code="invalid")
        try:
            return check_url(url)
        except ValidationError:
            raise ValidationError(WHAT_IS_ACCEPTED, code="url") from None

    def clean(self) -> None:
        others = Webhook.objects.exclude(pk=self.webhook.pk) if self.webhook else Webhook.objects.all()
        if others.filter(url=self.cleaned_data.get("url", "")).exists():
            self.add_error("url", ValidationError("There is a webhook with this URL already.", code="known"))
        if self.webhook is None and others.count() >= MAX_WEBHOOKS:
            message = f"There are {MAX_WEBHOOKS} webhooks, the most there can be. Remove one first."
            raise ValidationError(message, code="too_many")
