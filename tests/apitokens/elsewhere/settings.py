"""A bare project; ARRANGEMENT says which databases it has, KEYS its DEFAULT_AUTO_FIELD."""

import os
from pathlib import Path

FOLDER = Path(os.environ["FOLDER"])
ARRANGEMENT = os.environ.get("ARRANGEMENT", "one")
SECRET_KEY = "elsewhere-" + "k" * 60
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
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.apitokens.elsewhere.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = os.environ.get("KEYS", "django.db.models.BigAutoField")


def sqlite(name):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / f"{name}.sqlite3"}


DATABASES, DATABASE_ROUTERS = {
    "one": ({"default": sqlite("default")}, []),
    "beside": (
        {"default": sqlite("default"), "visits": sqlite("visits")},
        ["tests.apitokens.elsewhere.routers.SessionsElsewhere"],
    ),
    "nothing-in-default": (
        {"default": {}, "people": sqlite("people")},
        ["tests.apitokens.elsewhere.routers.AllInPeople"],
    ),
    "late-replica": (
        {"default": sqlite("default"), "replica": sqlite("replica")},
        ["tests.apitokens.elsewhere.routers.ReadsFromReplica"],
    ),
}[ARRANGEMENT]

APITOKENS_KEYS = [{"kid": "k1", "alg": "HS256", "state": "active", "secret": "e" * 43}]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apitokens.authentication.APITokenAuthentication"]
}
