"""The list of people, by user name."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import OuterRef, Q

from assets import permissions
from assets.models import Asset, PasswordLink, Role, User
from assets.models.labels import RowCount
from assets.text.formats import MAX_COUNTED

PAGE_SIZE = 60


@dataclass(frozen=True)
class PersonRow:
    """A person in the list. `entry_count` stops at `MAX_COUNTED + 1`; `link` may have expired."""

    account: User
    role: Role | None
    entry_count: int
    link: PasswordLink | None

    @classmethod
    def of(cls, person: User) -> Self:
        """The row of a person as the database has them now."""
        return cls._of(_accounts().get(pk=person.pk))

    @classmethod
    def _of(cls, account: Any) -> Self:
        return cls(account, permissions.get_role(account), account.entry_count, getattr(account, "password_link", None))

    @property
    def has_password(self) -> bool:
        return self.account.has_usable_password()

    @property
    def open_link(self) -> PasswordLink | None:
        return self.link if self.link and self.link.is_open else None


@dataclass(frozen=True)
class PeoplePage:
    """`following` is the `after` of the next page, None on the last."""

    rows: list[PersonRow]
    following: str | None


def get_page(text: str, *, after: str) -> PeoplePage:
    """People whose name or e-mail address contains the text, from the user name `after` on."""
    found = _accounts().filter(username__gt=after.replace("\0", "")).order_by("username")
    if text := text.replace("\0", ""):
        columns = ("username", "first_name", "last_name", "email")
        found = found.filter(Q(*((f"{column}__icontains", text) for column in columns), _connector=Q.OR))
    accounts = list(found[: PAGE_SIZE + 1])
    following = accounts[PAGE_SIZE - 1].get_username() if len(accounts) > PAGE_SIZE else None
    return PeoplePage([PersonRow._of(account) for account in accounts[:PAGE_SIZE]], following)


def _accounts() -> Any:
    entries = Asset.objects.filter(owner=OuterRef("pk")).order_by().values("pk")
    people = User.objects.select_related("password_link")
    return people.annotate(entry_count=RowCount(entries[: MAX_COUNTED + 1]))
