"""Bearer tokens of two kinds by one header. HOSTILE names what SIMPLE_JWT is changed to."""

import os
from datetime import timedelta
from pathlib import Path

HOSTILE = {
    "default": {},
    "algorithm": {"ALGORITHM": "HS512", "SIGNING_KEY": "h" * 64, "LEEWAY": 10**9},
    "headers": {"AUTH_HEADER_TYPES": ("JWT", "Bearer"), "UPDATE_LAST_LOGIN": True},
    "another_header": {"AUTH_HEADER_NAME": "HTTP_X_SIGN_IN", "AUTH_HEADER_TYPES": ("Bearer",)},
    "claims": {
        "USER_ID_FIELD": "username",
        "USER_ID_CLAIM": "sub",
        "JTI_CLAIM": "id",
        "TOKEN_TYPE_CLAIM": "typ",
        "ISSUER": "apitokens",
        "AUDIENCE": "apitokens",
    },
    "lifetimes": {"ACCESS_TOKEN_LIFETIME": timedelta(days=3650), "LEEWAY": timedelta(days=3650)},
}
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "signin-" + "k" * 60
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "apitokens",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "signin.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"},
}
USE_TZ = True
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SIMPLE_JWT = HOSTILE[os.environ["HOSTILE"]]
APITOKENS_KEYS_FILE = BASE_DIR / "api-token-keys.json"
APITOKENS_SHARE_BEARER = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apitokens.authentication.APITokenAuthentication",
        "rest_framework_simplejwt.authentication.JWTAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
