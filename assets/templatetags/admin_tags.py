from typing import Any

from django import template

from assets.admin import overview

register = template.Library()


@register.inclusion_tag("admin/_overview.html", takes_context=True)
def library_overview(context: template.Context) -> dict[str, Any]:
    """The library in figures, for those who may see all of it."""
    user = context["request"].user
    if not user.has_perms(["assets.view_asset", "assets.view_storedfile"]):
        return {}
    return overview.context() | {"csrf_token": context.get("csrf_token")}
