"""The benchmark's settings for a server: our four views, kept connections."""

from benchmarks.settings import *  # noqa: F403 - the benchmark's settings are the base

ROOT_URLCONF = "benchmarks.http_views"
