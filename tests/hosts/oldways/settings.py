"""Three projects in one: OLD names the package whose tokens are in use. MOVED is set once they have
moved in and the package is uninstalled.
"""

import os
from pathlib import Path

OLD, MOVED = os.environ["OLD"], os.environ.get("MOVED")
PACKAGES = {
    "authtoken": ["rest_framework.authtoken"],
    "knox": ["knox"],
    "rest_framework_api_key": ["rest_framework_api_key", "oldways.keys"],
}
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "oldways-" + "k" * 60
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
    "oldways.shop",
    "apitokens",
    *([] if MOVED else PACKAGES[OLD]),
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
ROOT_URLCONF = "oldways.urls"
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
APITOKENS_KEYS_FILE = BASE_DIR / "api-token-keys.json"
APITOKENS_LAST_USED_INTERVAL = 0
REST_KNOX = {"TOKEN_TTL": None}
if name := os.environ.get("KNOX_HASH"):
    REST_KNOX |= {"SECURE_HASH_ALGORITHM": f"hashlib.{name}", "TOKEN_PREFIX": "shop-"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apitokens.authentication.APITokenAuthentication",
        "apitokens.authentication.LegacyTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
