"""The pages about people, for administrators: invitations, roles, password links, closing accounts, handing over."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.accounts import account_log, invitations, roles
from assets.accounts.forms import HandOverForm, InvitationForm, RoleForm
from assets.accounts.user_list import PersonRow, get_page
from assets.models import Role, User
from assets.permissions import AuthHttpRequest
from assets.text.formats import format_count


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: AuthHttpRequest) -> HttpResponse:
    """Everybody with an account, and the form to invite somebody."""
    permissions.require_administrator(request.user)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        person = invitations.invite(data["username"], role=Role(data["role"]), email=data["email"])
        return _linked(request, person)
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
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        raise Http404("There is no such action.")
    try:
        return act(request, found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("person", pk)


def _page(request: AuthHttpRequest, person: User, hand_over: HandOverForm | None = None) -> HttpResponse:
    row = PersonRow.of(person)
    context = {
        "row": row,
        "person": person,
        "entries": format_count(row.entry_count),
        "role_form": RoleForm(initial={"role": person.role}),
        "hand_over_form": hand_over or HandOverForm(person=person),
        "candidates": User.objects.uploaders().exclude(pk=person.pk).order_by("username")[:50],
        "events": account_log.get_events(person),
        "days": settings.INVITATION_DAYS,
    }
    return render(request, "accounts/person.html", context, status=400 if hand_over else 200)


def _linked(request: AuthHttpRequest, person: User) -> HttpResponse:
    """A page with a new password link, the only one to show it. It is mailed too where possible."""
    now = timezone.now()
    address = request.build_absolute_uri(invitations.make_link(person, now))
    context = {
        "person": person,
        "address": address,
        "expires_at": invitations.expires_at(now),
        "is_mailed": _mail(person, address),
        "may_mail": settings.CAN_MAIL and person.email,
    }
    return render(request, "accounts/link.html", context)


def _mail(person: User, address: str) -> bool:
    if not settings.CAN_MAIL or not person.email:
        return False
    try:
        invitations.send_link(person, address)
    except OSError:
        return False
    return True


def _change_role(request: AuthHttpRequest, person: User) -> HttpResponse:
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        roles.change_role(person, role)
        messages.success(request, f"{person.get_username()} is a {role.label.lower()} now: {role.words}.")
    return redirect("person", person.pk)


def _make_link(request: AuthHttpRequest, person: User) -> HttpResponse:
    if not person.is_active:
        raise ValidationError("Open the account again first.", code="closed")
    return _linked(request, person)


def _close(request: AuthHttpRequest, person: User) -> HttpResponse:
    invitations.close(person)
    messages.success(request, f"{person.get_username()} cannot sign in any more. The entries stay in the library.")
    return redirect("person", person.pk)


def _reopen(request: AuthHttpRequest, person: User) -> HttpResponse:
    invitations.reopen(person)
    messages.success(request, f"{person.get_username()} can sign in again.")
    return redirect("person", person.pk)


def _hand_over(request: AuthHttpRequest, person: User) -> HttpResponse:
    form = HandOverForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, person, form)
    to = form.cleaned_data["to"]
    done = invitations.hand_over(person, to, with_private=form.cleaned_data["with_private"])
    words = [f"{_entries(done.moved)} of {person.get_username()} handed over to {to.get_username()}."]
    if done.stay:
        words.append(f"{_entries(done.stay)} stay: private ones, or contents that {to.get_username()} has too.")
    messages.success(request, " ".join(words))
    return redirect("person", person.pk)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


ACTIONS: dict[str, Callable[[AuthHttpRequest, User], HttpResponse]] = {
    "role": _change_role,
    "link": _make_link,
    "close": _close,
    "reopen": _reopen,
    "hand_over": _hand_over,
}
