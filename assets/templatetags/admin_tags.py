from django import template
from django.utils import timezone

from assets.admin.overview import overview_context

register = template.Library()


@register.inclusion_tag("admin/_overview.html", takes_context=True)
def library_overview(context: template.Context) -> dict[str, object]:
    """The library in figures, for people who may see all of it."""
    if not context["request"].user.has_perms(["assets.view_asset", "assets.view_storedfile"]):
        return {}
    return {**overview_context(timezone.now()), "csrf_token": context.get("csrf_token")}
