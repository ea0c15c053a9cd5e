"""Settings, read from the environment and from `.env` (the environment wins). See docs/configuration.md.

A setting has a safe default, or the start stops with a sentence that says what to set.
Every value can also come from a file: `SEGMIND_API_KEY_FILE=/run/secrets/key`.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.FileAwareEnv()
ENV_FILE = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
if ENV_FILE.is_file():
    env.read_env(ENV_FILE)


def _number(name: str, default: float, *, least: float, kind: type = int) -> Any:
    text = env.str(name, default="") or str(default)
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or value < least:
        raise ImproperlyConfigured(
            f"{name} is {text!r}; it must be a number of at least {least}. Correct it in the environment or in .env."
        )
    return value


def _switch(name: str, *, default: bool) -> bool:
    text = env.str(name, default="").strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return text in ("1", "true", "yes", "on") if text else default
    raise ImproperlyConfigured(f"{name} is {text!r}; it must be true or false.")


def _database() -> dict[str, Any]:
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'library.sqlite3'}"
    database = env.db_url_config(url)
    if database.get("ENGINE") in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
        return database
    raise ImproperlyConfigured(
        "DATABASE_URL names no database of a kind that works here. Write it like "
        "postgres://name:password@host:5432/library or sqlite:////folder/library.sqlite3, or leave it empty for SQLite "
        "in var/."
    )


def _secret_key() -> str:
    key = env.str("SECRET_KEY", default="")
    if key or not DEBUG:
        if not key:
            raise ImproperlyConfigured(
                "SECRET_KEY is not set. In production give it 50 random characters "
                "(python -c 'import secrets; print(secrets.token_urlsafe(50))'); "
                "for development set DEBUG=true, or use `make run`, which does."
            )
        return key
    # Development: a key of this machine, so that a restart does not sign everybody out.
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


# --- Django ---------------------------------------------------------------------------------------

DEBUG = _switch("DEBUG", default=False)
SECRET_KEY = _secret_key()
# The loopback names are always answered: health checks of a container come from inside it.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    # Before ours, which shows its records in another way.
    "auditlog",
    "assets",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "segmind_site.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "segmind_site.middleware.JsonErrorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "segmind_site.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "segmind_site.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "segmind_site.urls"
WSGI_APPLICATION = "segmind_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "segmind_site.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "segmind_site.context_processors.csrf",
                "segmind_site.context_processors.site",
                "segmind_site.context_processors.person",
            ],
        },
    },
    # For the administration alone.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "assets" / "admin" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "segmind_site.context_processors.site",
            ],
        },
    },
]
# Each form's fields are drawn by the first engine that has the template: Jinja, but for the administration's own.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CSRF_FAILURE_VIEW = "segmind_site.errors.csrf_failure"

DATABASES = {"default": _database()}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Web and worker write to one file: IMMEDIATE takes the write lock at BEGIN and waits for it, where a
    # read that turns into a write would fail at once with "database is locked". FULL: what a person was told is
    # received survives a power failure too.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": _number("SQLITE_TIMEOUT", 20, least=0, kind=float),
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "segmind_site.formats"

AUTH_USER_MODEL = "assets.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# For so many days a link works by which somebody chooses a password: invited, or because it was forgotten.
INVITATION_DAYS = min(_number("INVITATION_DAYS", 7, least=0.01, kind=float), 365)
PASSWORD_RESET_TIMEOUT = int(INVITATION_DAYS * 86_400)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "library"
LOGOUT_REDIRECT_URL = "login"

# The history of entries names people, not their numbers.
AUDITLOG_USE_FK_STRING_REPRESENTATION = True

# --- Mail, for invitations; without a server they are passed on by hand ----------------------------

if CAN_MAIL := bool(env.str("EMAIL_URL", default="")):
    vars().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "asset-library@localhost"
EMAIL_TIMEOUT = 10

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
# Nobody else's pages use them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or VAR_DIR / "media")
# On the same file system as the originals, so that keeping an upload is a rename.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["assets.uploads.handler.HashingUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
# A selection names each of its entries, and there may be 10,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_100

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Names are made of the content's hash: the same name is the same file.
        "OPTIONS": {"location": MEDIA_ROOT, "allow_overwrite": True},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "segmind_site.storage.StaticStorage",
    },
}

# --- Background work ------------------------------------------------------------------------------

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["uploads", "previews", "links", "upkeep"],
    }
}

# --- Segmind --------------------------------------------------------------------------------------

SEGMIND_API_KEY = env.str("SEGMIND_API_KEY", default="").strip()
SANDBOX = DEBUG and not SEGMIND_API_KEY
SEGMIND_UPLOAD_URL = env.str("SEGMIND_UPLOAD_URL", default="") or ("https://workflows-api.segmind.com/upload-asset")
SEGMIND_CREDITS_URL = env.str("SEGMIND_CREDITS_URL", default="") or "https://api.segmind.com/v1/get-user-credits"
# Hosts that an answered URL may have, and the only ones ever contacted for checks.
SEGMIND_ASSET_HOSTS = env.list("SEGMIND_ASSET_HOSTS", default=[".segmind.com"])
if SANDBOX:
    PORT = _number("PORT", 8000, least=1)
    SEGMIND_API_KEY = f"SG_{0:016x}"
    SEGMIND_UPLOAD_URL = f"http://127.0.0.1:{PORT}/sandbox/upload-asset"
    SEGMIND_CREDITS_URL = f"http://127.0.0.1:{PORT}/sandbox/get-user-credits"
    SEGMIND_ASSET_HOSTS = [f"127.0.0.1:{PORT}"]
SEGMIND_REQUESTS_PER_MINUTE = _number("SEGMIND_REQUESTS_PER_MINUTE", 5, least=1)
SEGMIND_RATE_WINDOW_SECONDS = _number("SEGMIND_RATE_WINDOW_SECONDS", 60, least=0, kind=float)
SEGMIND_MAX_REQUEST_BYTES = _number("SEGMIND_MAX_REQUEST_BYTES", 20_000_000, least=1000)
SEGMIND_MAX_REQUEST_FILES = _number("SEGMIND_MAX_REQUEST_FILES", 50, least=1)
SEGMIND_LINGER_SECONDS = _number("SEGMIND_LINGER_SECONDS", 0.3, least=0, kind=float)
SEGMIND_RETRY_SECONDS = _number("SEGMIND_RETRY_SECONDS", 2, least=0, kind=float)
SEGMIND_ACCOUNT_RECHECK_SECONDS = _number("SEGMIND_ACCOUNT_RECHECK_SECONDS", 30, least=0, kind=float)
SEGMIND_CONNECT_TIMEOUT = _number("SEGMIND_CONNECT_TIMEOUT", 10, least=0.1, kind=float)
SEGMIND_READ_TIMEOUT = _number("SEGMIND_READ_TIMEOUT", 300, least=0.1, kind=float)

# Days after which a stored URL is looked at again; 0: only when somebody asks for it.
LINK_CHECK_DAYS = min(_number("LINK_CHECK_DAYS", 7, least=0, kind=float), 3650)
LINK_REQUESTS_PER_SECOND = _number("LINK_REQUESTS_PER_SECOND", 5, least=0.01, kind=float)
LINK_RETRY_SECONDS = _number("LINK_RETRY_SECONDS", 60, least=1, kind=float)
LINK_TIMEOUT = _number("LINK_TIMEOUT", 20, least=0.1, kind=float)

UPLOAD_MAX_FILE_BYTES = _number("UPLOAD_MAX_FILE_BYTES", 500_000_000, least=1)
UPLOAD_MEDIA_TYPES = env.list("UPLOAD_MEDIA_TYPES", default=["image/*", "video/*", "audio/*", "application/pdf"])
PREVIEW_CPU_SECONDS = _number("PREVIEW_CPU_SECONDS", 10, least=1)
PREVIEW_MEMORY_BYTES = _number("PREVIEW_MEMORY_BYTES", 512_000_000, least=100_000_000)
# Days after which the trash is emptied; 0: never.
TRASH_DAYS = min(_number("TRASH_DAYS", 30, least=0), 36_500)
KEEP_ORIGINALS = _switch("KEEP_ORIGINALS", default=True)

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
if not DEBUG:
    SECURE_SSL_REDIRECT = _switch("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
    SECURE_HSTS_SECONDS = _number("SECURE_HSTS_SECONDS", 3600, least=0)
    # Which names share this host's certificate is not ours to know; a year and preloading are a choice.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    if not SECURE_SSL_REDIRECT:
        SILENCED_SYSTEM_CHECKS += ["security.W008", "security.W012", "security.W016"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "assets": {"level": env.str("LOG_LEVEL", default="INFO")},
        # Django's own handler would print every line twice.
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
