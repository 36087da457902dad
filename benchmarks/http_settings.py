"""The benchmark's settings for a server: our four views, no middleware, kept connections."""

from benchmarks.settings import *  # noqa: F403 - the benchmark's settings are the base

ROOT_URLCONF = "benchmarks.http_views"
MIDDLEWARE: list[str] = []
