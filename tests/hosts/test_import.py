"""What `apitokens` adds to the start of a project that has DRF, simplejwt and PyJWT already."""

from tests.hosts.hosts import call, python

LIMIT = 30
"""Milliseconds of processor time."""

RUNS = 21

START = """
import sys, time
from django.conf import settings
ours = sys.argv[1:]
settings.configure(
    SECRET_KEY="k" * 60,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.messages", "rest_framework", *ours,
    ],
)
import django
django.setup()
import jwt, rest_framework.serializers, rest_framework.throttling, rest_framework.views
import rest_framework_simplejwt.authentication, rest_framework_simplejwt.backends
if ours:
    import apitokens.authentication, apitokens.models
    assert "apitokens.verification" in sys.modules
else:
    assert "apitokens" not in sys.modules
print(time.process_time() * 1000)
"""


def started(*ours):
    """Milliseconds until such a project has started."""
    return float(call([str(python()), "-c", START, *ours], variables={}))


def test_importing_the_app_adds_at_most_30_milliseconds():
    started(), started("apitokens")  # the files are compiled and in the page cache afterwards
    pairs = [(started(), started("apitokens")) for _ in range(RUNS)]
    # The quickest of each: a neighbour on the same core only ever adds.
    without, with_it = (min(times) for times in zip(*pairs, strict=True))
    print(f"\nimport: {with_it - without:.1f} ms on top of {without:.0f} ms (best of {RUNS})")
    assert with_it - without <= LIMIT
