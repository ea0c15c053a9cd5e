"""People: who has an account, what role they have, and how they like the library to look."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string

from assets.text.normalise import normalise_name

from .states import Visibility


class Role(models.TextChoices):
    """From lowest to highest: each may do everything that the one before it may."""

    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    MANAGER = "manager", "Manager"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def description(self) -> str:
        """What a person with this role can do."""
        return _DESCRIPTIONS[self]


_RANKS = {role: rank for rank, role in enumerate(Role)}
_DESCRIPTIONS = {
    Role.VIEWER: "can search, copy and download the team’s assets",
    Role.MEMBER: "can also upload, and edit their own assets",
    Role.MANAGER: "can also edit all team assets, tags and collections, and manage the trash and failed uploads",
    Role.ADMINISTRATOR: "can also manage people and use the admin",
}


class Layout(models.TextChoices):
    """How large the cards of a list are, or that it is a table."""

    SMALL = "small", "Small"
    MEDIUM = "medium", "Medium"
    LARGE = "large", "Large"
    LIST = "list", "List"


class Theme(models.TextChoices):
    SYSTEM = "system", "As on this device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", "Comfortable"
    COMPACT = "compact", "Compact"


class Colour(models.TextChoices):
    """Of a person's initial. The stylesheets have a class for each."""

    INDIGO = "indigo", "Indigo"
    TEAL = "teal", "Teal"
    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    PINK = "pink", "Pink"


# A change of one of these signs the person out everywhere.
ACCESS_FIELDS = ("role", "is_active")
NONCE_LENGTH = 22


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        """People who can sign in, once they have a password."""
        return self.filter(is_active=True)

    def administrators(self) -> "UserQuerySet":
        return self.active().filter(role=Role.ADMINISTRATOR)

    def uploaders(self) -> "UserQuerySet":
        """Active people who may upload."""
        return self.active().filter(role__in=[role for role in Role if role.rank >= Role.MEMBER.rank])


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # made at run time
    def create_user(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> "User":
        """A new account. Without a password, nobody can sign in with it yet."""
        name = self.model.normalize_username(username)
        user: User = self.model(username=name, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, email, password, **{"role": Role.ADMINISTRATOR} | fields)


class User(AbstractBaseUser):
    """An account. Django's groups and permissions are not in use: everything follows from `role`."""

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    username = models.CharField(
        max_length=150,
        unique=True,
        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "A user with that username already exists."},
    )
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField("email address", blank=True)
    # Anything else counts as viewer: see `assets.permissions.get_role()`.
    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER)
    is_active = models.BooleanField("active", default=True, help_text="Can sign in.")
    date_joined = models.DateTimeField(default=timezone.now)
    # Sessions begun with another one have ended.
    session_nonce = models.CharField(
        max_length=NONCE_LENGTH, blank=True, editable=False, default="", db_default=models.Value("")
    )

    layout = models.CharField(max_length=10, choices=Layout, default=Layout.MEDIUM, db_default=Layout.MEDIUM)
    # The columns of the list, as `type,size:90`, with widths in pixels; empty for the usual ones.
    list_columns = models.CharField(max_length=200, blank=True, editable=False, default="", db_default=models.Value(""))
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM, db_default=Theme.SYSTEM)
    density = models.CharField(
        max_length=20, choices=Density, default=Density.COMFORTABLE, db_default=Density.COMFORTABLE
    )
    colour = models.CharField(max_length=10, choices=Colour, default=Colour.INDIGO, db_default=Colour.INDIGO)
    time_zone = models.CharField(
        max_length=64, blank=True, default="", db_default=models.Value(""), help_text="A name such as Europe/Berlin."
    )
    default_visibility = models.CharField(
        max_length=10, choices=Visibility, default=Visibility.TEAM, db_default=Visibility.TEAM
    )
    gets_failure_mails = models.BooleanField(
        default=False, db_default=False, help_text="Gets an e-mail when uploads have failed."
    )
    gets_digest_mails = models.BooleanField(
        default=False, db_default=False, help_text="Gets an e-mail about broken links once a week."
    )
    failures_mailed_at = models.DateTimeField(null=True, editable=False)
    digest_mailed_at = models.DateTimeField(null=True, editable=False)
    has_seen_email_notice = models.BooleanField(
        default=False, help_text="Has seen the notice that a URL can contain an e-mail address."
    )

    objects = UserManager()

    def save(self, **options: Any) -> None:
        fields = options.get("update_fields")
        if fields is None or not set(ACCESS_FIELDS).isdisjoint(fields):
            self._end_sessions_if_access_changed()
            options["update_fields"] = fields and {*fields, "session_nonce"}
        super().save(**options)
        if not self.is_active:
            self.tokens.all().delete()

    def _end_sessions_if_access_changed(self) -> None:
        """Compare with the database, since this object may be older than what it says."""
        row = type(self).objects.filter(pk=self.pk).values_list("session_nonce", *ACCESS_FIELDS).first()
        if row is not None:
            self.session_nonce, *before = row
            if before != [getattr(self, name) for name in ACCESS_FIELDS]:
                self.session_nonce = get_random_string(NONCE_LENGTH)

    def end_sessions(self) -> None:
        """Sign the person out everywhere."""
        self.session_nonce = get_random_string(NONCE_LENGTH)
        self.save(update_fields=["session_nonce"])

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}{self.session_nonce}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for session_hash in super().get_session_auth_fallback_hash():
            yield f"{session_hash}{self.session_nonce}"

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)
        # Two names that differ only in case or accents would be taken for one, as they are by `by:@ana`.
        others = type(self).objects.exclude(pk=self.pk).values_list("username", flat=True)
        if normalise_name(self.username) in map(normalise_name, others):
            message = f"The username “{self.username}” is taken. Choose another one."
            raise ValidationError({"username": ValidationError(message, code="unique")})

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    # What Django's admin asks: administrators may do everything there, nobody else anything.

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
