"""The list of people, by username."""

from dataclasses import dataclass
from typing import Self

from django.db.models import OuterRef

from assets import permissions
from assets.models import Asset, PasswordLink, Role, User
from assets.models.labels import RowCount
from assets.models.users import UserQuerySet
from assets.text.formats import MAX_COUNTED
from assets.text.normalise import normalise_words

PAGE_SIZE = 60
SEARCHED_COLUMNS = ("username", "first_name", "last_name", "email")


@dataclass(frozen=True)
class PersonRow:
    """A person in the list. `asset_count` stops at `MAX_COUNTED + 1`; `link` may have expired."""

    account: User
    role: Role | None
    asset_count: int
    link: PasswordLink | None

    @classmethod
    def for_person(cls, person: User) -> Self:
        """Reads the person from the database again."""
        return cls._from_annotated(_annotated_users().get(pk=person.pk))

    @classmethod
    def _from_annotated(cls, user: User) -> Self:
        asset_count, link = getattr(user, "asset_count", 0), getattr(user, "password_link", None)
        return cls(user, permissions.get_role(user), asset_count, link)

    @property
    def has_password(self) -> bool:
        return self.account.has_usable_password()

    @property
    def open_link(self) -> PasswordLink | None:
        return self.link if self.link and self.link.is_open else None


@dataclass(frozen=True)
class PeoplePage:
    """`next_after` is the `after` of the next page, None on the last."""

    rows: list[PersonRow]
    next_after: str | None


def get_page(text: str, *, after: str) -> PeoplePage:
    """People whose name or e-mail address contains the text, from the username `after` on."""
    users = _annotated_users().filter(username__gt=after.replace("\0", "")).order_by("username")
    if key := normalise_words(text):
        users = users.filter(pk__in=_find_ids(key))
    page = list(users[: PAGE_SIZE + 1])
    next_after = page[PAGE_SIZE - 1].get_username() if len(page) > PAGE_SIZE else None
    return PeoplePage([PersonRow._from_annotated(user) for user in page[:PAGE_SIZE]], next_after)


def _find_ids(key: str) -> list[int]:
    """Compared here, since no database compares names as their language does; there are few people."""
    people = User.objects.values_list("pk", *SEARCHED_COLUMNS)
    return [pk for pk, *words in people if key in normalise_words(" ".join(words))]


def _annotated_users() -> UserQuerySet:
    assets = Asset.objects.filter(owner=OuterRef("pk")).order_by().values("pk")
    users: UserQuerySet = User.objects.select_related("password_link")
    return users.annotate(asset_count=RowCount(assets[: MAX_COUNTED + 1]))
