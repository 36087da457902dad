"""All settings of the portal, read from the environment (see .env.example).

Development works without a single variable. With DEBUG off nothing is guessed: a missing
SECRET_KEY, ALLOWED_HOSTS or APITOKENS_KEYS stops the start.
"""

import hashlib
import hmac
from pathlib import Path

import django
import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from svportal.settings_api import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 - settings
from svportal.settings_files import file_settings
from svportal.settings_integrations import integration_settings
from svportal.settings_mail import mail_settings
from svportal.settings_networks import networks
from svportal.settings_signin import sign_in_settings
from svportal.settings_tasks import task_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()
if env.bool("DJANGO_READ_DOT_ENV", default=True):
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)


def required(name, cast, development):
    """The variable *name*; without it *development* serves, but only while DEBUG is on."""
    value = cast(name, default=None)
    if value:
        return value
    if not DEBUG:
        raise ImproperlyConfigured(f"Set {name}: it is needed when DEBUG is off.")
    return development


# Secrets and hosts --------------------------------------------------------------------------
SECRET_KEY = required("SECRET_KEY", env.str, "development-only-" + "x" * 50)
ALLOWED_HOSTS = required("ALLOWED_HOSTS", env.list, ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Applications -------------------------------------------------------------------------------
BUILT_IN_CSP = django.VERSION >= (6, 0)
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    *([] if BUILT_IN_CSP else ["csp", "django_tasks"]),
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "apitokens",
    "candidates",
    "integrations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware"
    if BUILT_IN_CSP
    else "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.security.middleware.SecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.signin.middleware.LastSeenMiddleware",
]

ROOT_URLCONF = "svportal.urls"
WSGI_APPLICATION = "svportal.wsgi.application"
ASGI_APPLICATION = "svportal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.security.status.session_notes",
            ],
        },
    },
]

# Data ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_engine = DATABASES["default"]["ENGINE"]
if _engine == "django.db.backends.sqlite3":
    # Writers wait instead of failing: IMMEDIATE takes the write lock at BEGIN, where the busy
    # timeout still applies.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    )
elif _engine == "django.db.backends.postgresql":
    _pool = env.bool("DATABASE_POOL", default=False)
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        pool=_pool,
        # None: plain queries (right behind pgbouncer). A number: after so many uses of one
        # statement the server keeps it prepared.
        prepare_threshold=env.int("DATABASE_PREPARE_THRESHOLD", default=None),
    )
    if not _pool:
        DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
elif _engine == "django.db.backends.mysql":  # for the tests of apitokens; the portal promises two
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        charset="utf8mb4", init_command="SET sql_mode='STRICT_TRANS_TABLES'"
    )

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    CACHES["default"]["BACKEND"] = "svportal.cache.DispensableRedisCache"

vars().update(mail_settings(env))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="SV Portal <no-reply@localhost>")

# People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"

# Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Kolkata")
USE_I18N = True
USE_TZ = True

# Static files -------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "svportal.static_files.GzippedManifestStorage"
    },
}

# Browser security ---------------------------------------------------------------------------
# security.md G: a page works under this policy or is broken.
CSP_DIRECTIVES = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "form-action": ["'self'"],
}
if BUILT_IN_CSP:
    SECURE_CSP = CSP_DIRECTIVES
else:
    CONTENT_SECURITY_POLICY = {"DIRECTIVES": CSP_DIRECTIVES}

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "svportal.errors.csrf_failure"

HTTPS = env.bool("HTTPS", default=not DEBUG)
if HTTPS:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    if env.bool("TRUST_X_FORWARDED_PROTO", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DOCUMENT_MAX_SIZE = env.int("DOCUMENT_MAX_SIZE", default=10 * 1024 * 1024)
vars().update(file_settings(env, var_dir=VAR_DIR))
vars().update(integration_settings(env))
vars().update(task_settings(env, debug=DEBUG))
vars().update(sign_in_settings(env, debug=DEBUG, https=HTTPS))


# API tokens ---------------------------------------------------------------------------------
def _development_keys():
    """One signing key for development, stable for a checkout and never SECRET_KEY itself."""
    digest = hmac.digest(SECRET_KEY.encode(), b"apitokens development key", hashlib.sha256)
    return [
        {
            "kid": "development",
            "alg": "HS256",
            "state": "active",
            "secret": digest.hex(),
        }
    ]


APITOKENS_KEYS_FILE = env.str("APITOKENS_KEYS_FILE", default=None)
APITOKENS_KEYS = (
    env.json("APITOKENS_KEYS", default=None)
    if APITOKENS_KEYS_FILE
    else required("APITOKENS_KEYS", env.json, None) or _development_keys()
)
APITOKENS_KEY_PROPAGATION = env.int("APITOKENS_KEY_PROPAGATION", default=300)
APITOKENS_OWNER_MODEL = "accounts.Company"
APITOKENS_POLICY = "svportal.token_policy.PortalTokenPolicy"
APITOKENS_ISSUER = env.str("APITOKENS_ISSUER", default="svportal")
APITOKENS_AUDIENCE = env.str("APITOKENS_AUDIENCE", default="svportal-api")
APITOKENS_PROXY_DEPTH = env.int("APITOKENS_PROXY_DEPTH", default=0)
APITOKENS_SCOPES = {
    "candidates:read": _("Read candidates"),
    "candidates:write": _("Add candidates"),
    "reports:read": _("Read reports"),
}
APITOKENS_REAUTH_AGE = env.int("APITOKENS_REAUTH_AGE", default=12 * 60 * 60)
APITOKENS_FAILURE_LIMIT = env.int("APITOKENS_FAILURE_LIMIT", default=300)
APITOKENS_TOKEN_RATE = env.str("APITOKENS_TOKEN_RATE", default="") or None
APITOKENS_BASE_URL = env.str("APITOKENS_BASE_URL", default=None)
APITOKENS_DOCS_URL = "api-docs"
APITOKENS_HEADING_LEVEL = 2

# Webhooks: docs/webhooks.md -------------------------------------------------------------------
# Where endpoints may stand whose addresses are not public: "10.20.0.0/16"
WEBHOOK_NETWORKS: list[str] = networks(env, "WEBHOOK_NETWORKS")
WEBHOOK_PORTS: list[int] = env.list("WEBHOOK_PORTS", cast=int, default=[443])
# From where we call: only shown, for customers' firewalls.
WEBHOOK_SOURCES: list[str] = env.list("WEBHOOK_SOURCES", default=[])
# Requests under way at once: in a worker's process, and at one endpoint.
WEBHOOK_THREADS = env.int("WEBHOOK_THREADS", default=48)
WEBHOOK_CONCURRENCY = env.int("WEBHOOK_CONCURRENCY", default=4)

# Logging: ids, never personal data or secrets -----------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "svportal.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Django's own console handler would say everything a second time.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # They tell each step of each report.
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
