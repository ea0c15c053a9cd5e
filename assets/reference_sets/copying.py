"""A set as text: the body of a request, and what a prompt says of it. URLs are those of this moment."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError

from assets.ready_requests.body import PROMPT, Chosen, Value, build_body
from assets.ready_requests.call import Call
from assets.ready_requests.formats import FORMATS
from assets.reference_sets.contents import Contents
from assets.text.email_in_url import url_contains_email

NO_MODEL = "Choose a model first: it decides which fields the assets go to."
UNKNOWN_MODEL = "The catalogue does not know the model “{}”. Choose another one."
EMPTY = "This set is empty. Add assets first."
# The name that the page and programs have for each form.
LABELS = {"prompt": "Prompt text", "body": "Body", "curl": "curl"}


def check(contents: Contents) -> None:
    """Raises ValidationError with every reason why the set cannot be copied."""
    if not contents.items:
        raise ValidationError(EMPTY, code="empty")
    if contents.troubles:
        raise ValidationError(contents.troubles, code="not_ready")


def make_values(contents: Contents) -> Mapping[str, Value]:
    """The prompt text as the prompt, if the model takes one."""
    return {PROMPT: contents.prompt} if contents.takes_prompt else {}


def make_call(contents: Contents) -> Call:
    """Raises ValidationError."""
    check(contents)
    if (spec := contents.spec) is None:
        model = contents.reference_set.model
        raise ValidationError(UNKNOWN_MODEL.format(model) if model else NO_MODEL, code="model")
    chosen = [Chosen(item.place.input, item.asset.stored_file.url, item.title) for item in contents.items if item.asset]
    return Call(spec.slug, build_body(spec, chosen, make_values(contents)), spec.title, spec.output)


def write(contents: Contents, form: str) -> str:
    """`prompt`, or a name of `FORMATS`. Raises ValidationError."""
    if form != "prompt":
        return FORMATS[form].write(make_call(contents))
    check(contents)
    return contents.prompt


def has_email(contents: Contents) -> bool:
    return any(item.asset and url_contains_email(item.asset.stored_file.url) for item in contents.items)
