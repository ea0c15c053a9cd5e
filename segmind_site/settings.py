"""Settings, read from the environment and from `.env`. See docs/configuration.md.

Each has a safe default, or the start stops with a message that says what to set.
"""

import re
import shutil
from pathlib import Path

from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from segmind_site.env import (
    ROOT,
    env,
    read_database,
    read_float,
    read_int,
    read_list,
    read_networks,
    read_secret_key,
    read_switch,
    read_text,
    read_url_prefix,
)

BASE_DIR: Path = ROOT
VAR_DIR = BASE_DIR / "var"

# --- Django ---------------------------------------------------------------------------------------

DEBUG = read_switch("DEBUG", default=False)
SECRET_KEY = read_secret_key("SECRET_KEY", is_development=DEBUG, path=VAR_DIR / "secret-key")
# Loopback names are always allowed, for health checks from inside a container.
ALLOWED_HOSTS = [*read_list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS", default=[])
# Every link begins with it. wsgi.py takes it off the paths of requests, unless a proxy has done so.
URL_PREFIX = read_url_prefix("URL_PREFIX")
FORCE_SCRIPT_NAME = URL_PREFIX or None

INSTALLED_APPS = [
    # Before our app, which replaces its admin.
    "auditlog",
    "assets",
    "segmind_site.apps.LibraryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "segmind_site.apps.LibraryStaticFilesConfig",
    "csp",
    "django_htmx",
    # For the static files of the API's documentation.
    "ninja",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    # First, so that everything after it sees the client's address and protocol.
    "segmind_site.middleware.TrustedProxyMiddleware",
    "segmind_site.middleware.HeadMiddleware",
    "segmind_site.middleware.StreamingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "segmind_site.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "segmind_site.middleware.PrivateMiddleware",
    "csp.middleware.CSPMiddleware",
    "assets.api.middleware.ProgramMiddleware",
    "segmind_site.middleware.JsonErrorsMiddleware",
    "segmind_site.middleware.RefusedMethodMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before the check for cross-site requests, which reads the form.
    "segmind_site.form_guard.FormGuard",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "assets.api.middleware.TokenMiddleware",
    "segmind_site.middleware.PersonMiddleware",
    "segmind_site.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "segmind_site.middleware.AuditMiddleware",
    "segmind_site.middleware.MissingPageMiddleware",
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
                "segmind_site.context_processors.navigation",
            ],
        },
    },
    # For the admin only.
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
# Form fields use the first engine that has the template: Jinja, except for the admin's own widgets.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CSRF_FAILURE_VIEW = "segmind_site.errors.csrf_failure"

DATABASES = {"default": read_database("DATABASE_URL", default=VAR_DIR / "library.sqlite3")}
DATABASES["default"]["PASSWORD"] = read_text("DATABASE_PASSWORD") or DATABASES["default"]["PASSWORD"]
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Web and worker write to one file. IMMEDIATE waits for the write lock at BEGIN; a read that turned into a write
    # would fail with "database is locked". FULL keeps every acknowledged upload through a power failure. A page reads
    # more than the 2 MB that SQLite keeps of a large database by default.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": read_float("SQLITE_TIMEOUT", 20, minimum=0),
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4000;",
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
else:
    # Compiling a query takes PostgreSQL longer than any of ours takes: 300 ms where the query takes one.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
# How many connections to PostgreSQL the threads of one web process share; see wsgi.py.
DATABASE_POOL_SIZE = read_int("DATABASE_POOL_SIZE", 10, minimum=1)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
TIME_ZONE = read_text("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "segmind_site.formats"

AUTH_USER_MODEL = "assets.User"
AUTHENTICATION_BACKENDS = ["segmind_site.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# How long password links work, those of invitations included.
INVITATION_DAYS = min(read_float("INVITATION_DAYS", 7, minimum=0.01), 365)
PASSWORD_RESET_TIMEOUT = int(INVITATION_DAYS * 86_400)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "library"
LOGOUT_REDIRECT_URL = "login"

# The audit log names people, not their ids.
AUDITLOG_USE_FK_STRING_REPRESENTATION = True

# --- E-mail (optional) ----------------------------------------------------------------------------

if CAN_MAIL := bool(read_text("EMAIL_URL")):
    vars().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = read_text("EMAIL_FROM", default="asset-library@localhost")
EMAIL_TIMEOUT = 10
# For links in mails that no request causes.
SITE_URL = read_text("SITE_URL", default=f"https://{ALLOWED_HOSTS[0]}").rstrip("/")

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = f"{URL_PREFIX}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
# No other site uses our static files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Maps to sources are large, and only tools for developers ask for them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
MEDIA_ROOT = Path(read_text("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# On the same file system as the originals, so that keeping an upload is a rename.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
# Refuses files; FormGuard replaces it for the pages that take them.
FILE_UPLOAD_HANDLERS = ["assets.uploads.handler.FormHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
# A bulk action sends the id of each of up to 10,000 selected assets.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_100

STORAGES = {
    "default": {
        "BACKEND": "segmind_site.storage.DurableStorage",
        # Names contain the hash of the content, so the same name is the same file.
        "OPTIONS": {"location": MEDIA_ROOT, "allow_overwrite": True},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "segmind_site.storage.StaticStorage",
        # They are public, and in the image another user's than the one that reads them.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}

# --- Background work ------------------------------------------------------------------------------

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["uploads", "previews", "links", "webhooks", "outputs", "upkeep"],
    }
}

# --- Segmind --------------------------------------------------------------------------------------

SEGMIND_API_KEY = read_text("SEGMIND_API_KEY").strip()
SANDBOX = DEBUG and not SEGMIND_API_KEY
SEGMIND_UPLOAD_URL = read_text("SEGMIND_UPLOAD_URL", default="https://workflows-api.segmind.com/upload-asset")
SEGMIND_CREDITS_URL = read_text("SEGMIND_CREDITS_URL", default="https://api.segmind.com/v1/get-user-credits")
SEGMIND_HISTORY_URL = read_text(
    "SEGMIND_HISTORY_URL", default="https://api.spotprod.segmind.com/inference-request/request-history"
)
# The lists of its models, which are public: no key is sent.
SEGMIND_MODELS_URL = read_text(
    "SEGMIND_MODELS_URL", default="https://api.spotprod.segmind.com/inference-model-information/list"
)
SEGMIND_DIRECTORY_URL = read_text("SEGMIND_DIRECTORY_URL", default="https://www.segmind.com/llms.txt")
# Whether the worker reads them, once a day.
SYNC_MODELS = read_switch("SYNC_MODELS", default=False)
# The hosts that Segmind URLs may have, and the only ones that link checks contact.
SEGMIND_ASSET_HOSTS = read_list("SEGMIND_ASSET_HOSTS", default=[".segmind.com"])
if SANDBOX:
    PORT = read_int("PORT", 8000, minimum=1)
    SEGMIND_API_KEY = f"SG_{0:016x}"
    SEGMIND_UPLOAD_URL = f"http://127.0.0.1:{PORT}/sandbox/upload-asset"
    SEGMIND_CREDITS_URL = f"http://127.0.0.1:{PORT}/sandbox/get-user-credits"
    SEGMIND_HISTORY_URL = f"http://127.0.0.1:{PORT}/sandbox/request-history"
    SEGMIND_MODELS_URL = f"http://127.0.0.1:{PORT}/sandbox/models"
    SEGMIND_DIRECTORY_URL = f"http://127.0.0.1:{PORT}/sandbox/llms.txt"
    SEGMIND_ASSET_HOSTS = [f"127.0.0.1:{PORT}"]
SEGMIND_REQUESTS_PER_MINUTE = read_int("SEGMIND_REQUESTS_PER_MINUTE", 5, minimum=1)
SEGMIND_RATE_WINDOW_SECONDS = read_float("SEGMIND_RATE_WINDOW_SECONDS", 60, minimum=0)
SEGMIND_MAX_REQUEST_BYTES = read_int("SEGMIND_MAX_REQUEST_BYTES", 20_000_000, minimum=1000)
SEGMIND_MAX_REQUEST_FILES = read_int("SEGMIND_MAX_REQUEST_FILES", 50, minimum=1)
SEGMIND_LINGER_SECONDS = read_float("SEGMIND_LINGER_SECONDS", 0.3, minimum=0)
SEGMIND_RETRY_SECONDS = read_float("SEGMIND_RETRY_SECONDS", 2, minimum=0)
SEGMIND_ACCOUNT_RECHECK_SECONDS = read_float("SEGMIND_ACCOUNT_RECHECK_SECONDS", 30, minimum=0)
SEGMIND_CONNECT_TIMEOUT = read_float("SEGMIND_CONNECT_TIMEOUT", 10, minimum=0.1)
SEGMIND_READ_TIMEOUT = read_float("SEGMIND_READ_TIMEOUT", 300, minimum=0.1)

# How often each link is checked; 0 means only on request.
LINK_CHECK_DAYS = min(read_float("LINK_CHECK_DAYS", 7, minimum=0), 3650)
LINK_REQUESTS_PER_SECOND = read_float("LINK_REQUESTS_PER_SECOND", 5, minimum=0.01)
LINK_RETRY_SECONDS = read_float("LINK_RETRY_SECONDS", 60, minimum=1)
LINK_TIMEOUT = read_float("LINK_TIMEOUT", 20, minimum=0.1)

UPLOAD_MAX_FILE_BYTES = read_int("UPLOAD_MAX_FILE_BYTES", 500_000_000, minimum=1)
# Below this speed, an upload is given up after so many seconds: it would only keep a thread.
UPLOAD_MIN_BYTES_PER_SECOND = read_int("UPLOAD_MIN_BYTES_PER_SECOND", 5000, minimum=1)
UPLOAD_STALL_SECONDS = read_float("UPLOAD_STALL_SECONDS", 20, minimum=1)
UPLOAD_MAX_FORM_BYTES = read_int("UPLOAD_MAX_FORM_BYTES", 5_000_000_000, minimum=1)
# Free space that uploads leave to the database, previews and everything else.
_DISK_BYTES = shutil.disk_usage(MEDIA_ROOT).total
DISK_RESERVE_BYTES = read_int("DISK_RESERVE_BYTES", min(1_000_000_000, _DISK_BYTES // 20), minimum=0)
UPLOAD_MEDIA_TYPES = read_list("UPLOAD_MEDIA_TYPES", default=["image/*", "video/*", "audio/*", "application/pdf"])
PREVIEW_CPU_SECONDS = read_int("PREVIEW_CPU_SECONDS", 10, minimum=1)
PREVIEW_MEMORY_BYTES = read_int("PREVIEW_MEMORY_BYTES", 512_000_000, minimum=100_000_000)
# How long assets stay in the trash; 0 means forever.
TRASH_DAYS = min(read_int("TRASH_DAYS", 30, minimum=0), 36_500)
KEEP_ORIGINALS = read_switch("KEEP_ORIGINALS", default=True)
# Whether people may make links that show assets to others without an account.
SHARING = read_switch("SHARING", default=True)

# Of each personal token, in each web process.
API_REQUESTS_PER_MINUTE = read_int("API_REQUESTS_PER_MINUTE", 6000, minimum=1)

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
SESSION_ENGINE = "segmind_site.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
# Whose forwarded headers count. TrustedProxyMiddleware removes everybody else's.
TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", default=["127.0.0.0/8", "::1"])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
IS_HTTPS = not DEBUG and read_switch("SECURE_SSL_REDIRECT", default=True)
# With `__Host-`, browsers take cookies from no subdomain, and over HTTPS only. It requires the path `/`: other
# applications of the same host would get them, so that below a path it is `__Secure-`.
COOKIE_PREFIX = "" if not IS_HTTPS else "__Secure-" if URL_PREFIX else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = URL_PREFIX or "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
MESSAGE_STORAGE = "segmind_site.messages.MessageStorage"
if not DEBUG:
    SECURE_SSL_REDIRECT = IS_HTTPS
    SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(URL_PREFIX[1:])}/?(healthz|readyz)$"]
    SECURE_HSTS_SECONDS = read_int("SECURE_HSTS_SECONDS", 31_536_000, minimum=0)
    # HSTS for subdomains and preloading depend on the domain, so they are the administrator's choice.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    if not SECURE_SSL_REDIRECT:
        SILENCED_SYSTEM_CHECKS += ["security.W008", "security.W012", "security.W016"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "database_trouble": {"()": "segmind_site.log.DatabaseTroubleFilter"},
        "refused_request": {"()": "segmind_site.log.RefusedRequestFilter"},
        "share_token": {"()": "segmind_site.log.ShareTokenFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["database_trouble", "refused_request", "share_token"],
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "assets": {"level": read_text("LOG_LEVEL", default="INFO")},
        # Without Django's own handler, which would print every line twice.
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django_tasks": {"level": "WARNING"},
        # Its warnings name whole addresses, which may be secrets: those of webhooks and imports.
        "urllib3": {"level": "ERROR"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
