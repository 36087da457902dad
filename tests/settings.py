"""The portal's settings as tests use them: no .env, cheap password hashes, nothing else."""

import os

os.environ["DJANGO_READ_DOT_ENV"] = "off"
os.environ.setdefault("DEBUG", "on")
os.environ.setdefault("SECRET_KEY", "tests-" + "k" * 60)

from svportal.settings import *  # noqa: F403 - the portal's settings are the base

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Any N+1 query fails the test that made it. The ledger is a host's app whose models can't take the
# mixin; authtoken is one of the packages that people move from.
INSTALLED_APPS = [
    *INSTALLED_APPS, "tests.apitokens.ledger", "zeal", "rest_framework.authtoken",  # noqa: F405 - from the star above
]  # fmt: skip
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]  # noqa: F405 - the same
ZEAL_ALLOWLIST = [
    {"model": "sessions.Session"},  # Django reads it again when a session ends
    {"model": "account.EmailAddress", "field": "get()"},  # allauth asks twice in one log-in
    {"model": "mfa.Authenticator", "field": "get()"},  # and twice for a passkey that is removed
]

APITOKENS_FAILURE_LIMIT = 0  # tests send hundreds of refused tokens a minute; the throttle's set it
ACCOUNT_RATE_LIMITS = False  # and dozens of log-ins; tests/accounts/test_throttles.py sets them
MFA_RATE_LIMITS = False
