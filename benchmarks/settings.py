"""The portal's settings, with DEBUG off and the peers installed where there are any."""

import os
from datetime import timedelta
from importlib.util import find_spec

os.environ["DJANGO_READ_DOT_ENV"] = "off"
os.environ["DEBUG"] = "on"  # no variable is needed then; measured with it off, see below
os.environ["SECRET_KEY"] = "benchmarks-" + "k" * 60
os.environ["LOG_LEVEL"] = "WARNING"

from svportal.settings import *  # noqa: F403 - the portal's settings are the base
from svportal.settings import ALLOWED_HOSTS, INSTALLED_APPS

DEBUG = False
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
PEERS = ["rest_framework.authtoken", "knox", "rest_framework_api_key"]
INSTALLED_APPS = [*INSTALLED_APPS, *(app for app in PEERS if find_spec(app))]

# Fresh for as long as a run takes, so that no request writes.
APITOKENS_LAST_USED_INTERVAL = 3600
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}
