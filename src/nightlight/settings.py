"""Django's settings, built from `config`. Loading them creates nothing and reads no key.

A command calls `config.use()` before Django is loaded when it was given `--data`.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Any

from django.utils.functional import lazy

from nightlight import clock, config

_settings = config.current()
# Only `try` makes this file; there a newcomer may let time pass faster.
if (_settings.data / clock.OFFSET_FILE_NAME).exists():
    clock.use_offset_file(_settings.data / clock.OFFSET_FILE_NAME)
_package = Path(__file__).parent


def _secret_key() -> str:
    """Derived from the newest host key, so that all processes of a host share it and nobody keeps two."""
    newest = config.host_keys(_settings)[0]
    return hmac.new(newest.encode(), b"nightlight django secret v1", hashlib.sha256).hexdigest()


def _sqlite() -> dict[str, Any]:
    """One writer at a time, taken at the beginning of a transaction, and every commit on the disk."""
    pragmas = (
        "busy_timeout=5000",
        "journal_mode=WAL",
        # NORMAL lost acknowledged commits in a power-loss test (design §10).
        "synchronous=FULL",
        "foreign_keys=ON",
        # What is erased is overwritten, not just forgotten.
        "secure_delete=ON",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _settings.database_file,
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": ";".join(f"PRAGMA {pragma}" for pragma in pragmas),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    """The connection that *url* names; it may name several servers, and options in its query."""
    # A host on SQLite need not load it.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # libpq's own message would repeat parts of the address, so it is not passed on.
        raise config.SettingError(
            "NIGHTLIGHT_DATABASE_URL cannot be read as an address; write it like"
            " postgresql://user:password@host:5432/name, odd characters as %XX"
        ) from None
    if not given.keys() & {"dbname", "service"}:
        raise config.SettingError(
            "NIGHTLIGHT_DATABASE_URL names no database; write it like postgresql://user:password@host:5432/name"
        )
    # A dead or silent server is noticed within seconds: half a minute without a database must be
    # survived, not waited for.
    options = {
        "connect_timeout": "2",
        "keepalives": "1",
        "keepalives_idle": "1",
        "keepalives_interval": "1",
        "keepalives_count": "3",
        "tcp_user_timeout": "3000",
        "application_name": "nightlight",
    }
    if "," in given.get("host", ""):
        options["target_session_attrs"] = "read-write"
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options |= {name: value for name, value in given.items() if name not in names}
    return {
        "ENGINE": "nightlight.store.postgresql",
        **{names[name]: value for name, value in given.items() if name in names},
        "OPTIONS": options,
    }


DEBUG = False
SECRET_KEY = lazy(_secret_key, str)()
ALLOWED_HOSTS = list(dict.fromkeys([_settings.base_host, "127.0.0.1", "localhost", "[::1]"]))

INSTALLED_APPS = ["nightlight.store.apps.StoreConfig", "nightlight.web.apps.WebConfig"]
MIDDLEWARE = [
    "nightlight.web.middleware.StrictHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "nightlight.web.middleware.LanguageOfStrangers",
    "nightlight.web.middleware.OwnPagesOnly",
    "nightlight.web.middleware.KindFailures",
]
ROOT_URLCONF = "nightlight.web.urls"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_package / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.templatetags.tz",
                "nightlight.web.templatetags.pages",
            ],
        },
    }
]

DATABASES = {
    "default": {
        **(_postgresql(_settings.database_url) if _settings.uses_postgresql else _sqlite()),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
# Hard on memory, in Django itself, and nothing to install (docs/internals/decisions/0010-passkeys.md).
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pt", "Português")]
LOCALE_PATHS = [_package / "locale"]

# Files are served from the package itself, so nothing has to be collected after an upgrade.
STATIC_URL = "static/"
STATICFILES_DIRS = [_package / "web" / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
WHITENOISE_USE_FINDERS = True

SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _settings.is_https

# Django would log paths, and the path of an answer page is its token. Failures of ours are logged
# by ids where they happen.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"django": {"handlers": ["nowhere"], "propagate": False}},
}
