"""The pages on which administrators invite people, change roles, close accounts and reassign assets."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.accounts import account_log, invitations, reassignment, roles
from assets.accounts.forms import InvitationForm, ReassignForm, RoleForm
from assets.accounts.user_list import PersonRow, get_page
from assets.models import Role, User
from assets.permissions import AuthHttpRequest
from assets.text.formats import format_count, pluralise

MAX_CANDIDATES = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: AuthHttpRequest) -> HttpResponse:
    """Everybody with an account, and the form to invite somebody."""
    permissions.require_administrator(request.user)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        person = invitations.invite(data["username"], role=Role(data["role"]), email=data["email"])
        return _show_link(request, person)
    text = request.GET.get("q", "").strip()
    page = get_page(text, after=request.GET.get("after", ""))
    context = {"page": page, "text": text, "form": form, "days": settings.INVITATION_DAYS, "roles": list(Role)}
    return render(request, "accounts/people.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: AuthHttpRequest, pk: int) -> HttpResponse:
    """One person. The `action` of a POST says what to do."""
    permissions.require_administrator(request.user)
    found = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        return _page(request, found)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404("There is no such action.")
    try:
        return action(request, found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("person", pk)


def _page(request: AuthHttpRequest, person: User, reassign_form: ReassignForm | None = None) -> HttpResponse:
    row = PersonRow.for_person(person)
    context = {
        "row": row,
        "person": person,
        "asset_count": format_count(row.asset_count),
        "role_form": RoleForm(initial={"role": person.role}),
        "reassign_form": reassign_form or ReassignForm(person=person),
        "candidates": User.objects.uploaders().exclude(pk=person.pk).order_by("username")[:MAX_CANDIDATES],
        "tokens": person.tokens.all(),
        "now": timezone.now(),
        "events": account_log.get_events(person),
        "days": settings.INVITATION_DAYS,
    }
    return render(request, "accounts/person.html", context, status=400 if reassign_form else 200)


def _show_link(request: AuthHttpRequest, person: User) -> HttpResponse:
    """A page with a new password link, the only one to show it. It is mailed too where possible."""
    now = timezone.now()
    url = request.build_absolute_uri(invitations.make_link(person, now))
    expires_at = invitations.get_expiry(now)
    context = {
        "person": person,
        "link": url,
        "expires_at": expires_at,
        "is_mailed": _mail(person, url, expires_at),
        "can_mail": settings.CAN_MAIL and person.email,
    }
    return render(request, "accounts/link.html", context)


def _mail(person: User, url: str, expires_at: datetime) -> bool:
    if not settings.CAN_MAIL or not person.email:
        return False
    try:
        invitations.send_link(person, url, expires_at=expires_at)
    except OSError:
        return False
    return True


def _change_role(request: AuthHttpRequest, person: User) -> HttpResponse:
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        roles.change_role(person, role, shown=form.shown_role)
        if person == request.user:
            update_session_auth_hash(request, person)
        messages.success(request, f"{person.get_username()}’s role is now {role.label.lower()}.")
    return redirect("person", person.pk)


def _make_link(request: AuthHttpRequest, person: User) -> HttpResponse:
    if not person.is_active:
        raise ValidationError("This account is closed. Reopen it first.", code="closed")
    return _show_link(request, person)


def _close(request: AuthHttpRequest, person: User) -> HttpResponse:
    invitations.close(person)
    messages.success(request, f"Account closed. {person.get_username()} can no longer sign in.")
    return redirect("person", person.pk)


def _reopen(request: AuthHttpRequest, person: User) -> HttpResponse:
    invitations.reopen(person)
    messages.success(request, f"Account reopened. {person.get_username()} can sign in again.")
    return redirect("person", person.pk)


def _sign_out(request: AuthHttpRequest, person: User) -> HttpResponse:
    invitations.sign_out_everywhere(person)
    messages.success(request, f"{person.get_username()} is signed out everywhere.")
    return redirect("person", person.pk)


def _reassign(request: AuthHttpRequest, person: User) -> HttpResponse:
    form = ReassignForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, person, form)
    to = form.cleaned_data["to"]
    result = reassignment.reassign(person, to, with_private=form.cleaned_data["with_private"])
    sentences = [f"{pluralise(result.moved, 'asset')} reassigned to {to.get_username()}."]
    if result.stay:
        reason = f"private, or {to.get_username()} has the same file"
        sentences.append(f"{pluralise(result.stay, 'asset')} not reassigned: {reason}.")
    messages.success(request, " ".join(sentences))
    return redirect("person", person.pk)


ACTIONS: dict[str, Callable[[AuthHttpRequest, User], HttpResponse]] = {
    "role": _change_role,
    "link": _make_link,
    "close": _close,
    "reopen": _reopen,
    "sign_out": _sign_out,
    "hand_over": _reassign,
}
