"""The web doors' settings module for Django, computed from ours.

Django keeps one configuration a process. The accounts file and the key may be changed to another data directory's
(tests and `make demo` twice in one process do that); everything else is fixed by the first call.
"""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings as django_settings

from evenhand.settings import Settings

LANGUAGES = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("ar", "Arabic"),
    ("fa", "Persian"),
]
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
SESSION_S = 12 * 3600
_HERE = Path(__file__).parent


def public_host(settings: Settings) -> str:
    """Return the public site's host, without port."""
    return urlsplit(settings.public_url).hostname or "localhost"


def is_local(settings: Settings) -> bool:
    """Tell whether this desk serves its own machine only: a demonstration, not a platform's desk."""
    return public_host(settings) in ("localhost", "127.0.0.1", "::1")


def configure(settings: Settings) -> None:
    """Configure Django for this data directory; harmless when called again."""
    if not django_settings.configured:
        django_settings.configure(**django_values(settings))
        django.setup()
        return
    _change_data(settings)


def django_values(settings: Settings) -> dict[str, Any]:
    """Return Django's settings."""
    https = settings.public_url.startswith("https:")
    return {
        "DEBUG": False,
        "SECRET_KEY": secret_key(settings.data),
        "ALLOWED_HOSTS": [public_host(settings), *LOCAL_HOSTS],
        "CSRF_TRUSTED_ORIGINS": [settings.public_url.rstrip("/")],
        "ROOT_URLCONF": "evenhand.doors.web.urls",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATABASES": {"default": _database(settings)},
        # What each address takes is decided before Django is asked (`wsgi`); this is the largest of them.
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 32 << 20,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 100,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 10,
        # Files that people send stay in memory: nothing of theirs is left in a temporary directory.
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": 32 << 20,
        "LOGGING": _LOGGING,
        # Browsers take localhost for safe; no other plain address gets as far as a passkey.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": is_local(settings),
        **_cookies(https=https),
        **_WORDS,
        **_STAFF,
        **_ROOMS,
    }


def accounts_file(data: Path) -> Path:
    """Return the file of accounts and sessions; the docket is never opened from here."""
    return data / "accounts.sqlite3"


def secret_key(data: Path) -> str:
    """Return Django's key, made once and readable by its owner only."""
    path = data / "keys" / "django.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        # Another process may be first: whoever creates the file writes the key, everybody reads it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token_urlsafe(50))
    return path.read_text("ascii")


def _database(settings: Settings) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(accounts_file(settings.data)),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # The rollback journal: the standard library's SQLite may have the WAL race that the docket refuses.
            "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def _change_data(settings: Settings) -> None:
    from django.db import connections

    values = connections.settings["default"]
    if values["NAME"] == str(accounts_file(settings.data)):
        return
    connections.close_all()
    values["NAME"] = str(accounts_file(settings.data))
    django_settings.SECRET_KEY = secret_key(settings.data)


def _cookies(*, https: bool) -> dict[str, Any]:
    # The prefix makes browsers refuse the cookie from any other host or over plain HTTP.
    prefix = "__Host-" if https else ""
    return {
        "SESSION_COOKIE_NAME": f"{prefix}evenhand_session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_AGE": SESSION_S,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_NAME": f"{prefix}evenhand_csrf",
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_AGE": None,
        "CSRF_FAILURE_VIEW": "evenhand.doors.web.errors.forbidden",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    }


_WORDS = {
    "LANGUAGE_CODE": "en",
    "LANGUAGES": LANGUAGES,
    "LOCALE_PATHS": [str(_HERE / "locale")],
    "USE_I18N": True,
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
}

_STAFF = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    "AUTH_PASSWORD_VALIDATORS": [
        {
            "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
            "OPTIONS": {"min_length": 12},
        },
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    ],
    "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
    "LOGIN_URL": "account_login",
    "LOGIN_REDIRECT_URL": "console",
    "LOGOUT_REDIRECT_URL": "home",
    "ACCOUNT_ADAPTER": "evenhand.doors.web.adapters.StaffAccounts",
    "ACCOUNT_LOGIN_METHODS": {"username"},
    "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_SESSION_REMEMBER": False,
    "ACCOUNT_LOGOUT_REDIRECT_URL": "/",
    "SOCIALACCOUNT_ADAPTER": "evenhand.doors.web.openid.people.StaffByOpenID",
    "SOCIALACCOUNT_AUTO_SIGNUP": False,
    "SOCIALACCOUNT_STORE_TOKENS": False,
    "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
    "SOCIALACCOUNT_REQUESTS_TIMEOUT": 5,
    "MFA_ADAPTER": "evenhand.doors.web.adapters.StaffSecondFactor",
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_TOTP_ISSUER": "Evenhand",
    "MFA_TOTP_TOLERANCE": 1,
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,
}

_ROOMS = {
    "INSTALLED_APPS": [
        "evenhand.doors.web",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.humanize",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.socialaccount",
        "evenhand.doors.web.openid",
    ],
    "MIDDLEWARE": [
        "evenhand.doors.web.guard.Guard",
        "evenhand.doors.web.language.Language",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "evenhand.doors.web.methods.Methods",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                    "evenhand.doors.web.context.page",
                ],
            },
        }
    ],
}

_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    # A failure of ours goes to the operator with its traceback; what visitors mistype does not.
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "ERROR"},
        # A stranger's Host header is not our failure; that requests wait for a thread is no news.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "waitress": {"handlers": ["stderr"], "level": "ERROR"},
    },
}
