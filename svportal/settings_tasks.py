"""Where work goes that nobody waits for: Django's tasks interface."""

from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured

BUILT_IN = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
BACKENDS = {
    "immediate": f"{BUILT_IN}.backends.immediate.ImmediateBackend",
    "database": "django_tasks_db.DatabaseBackend",
}


def task_settings(env: Any, *, debug: bool) -> dict[str, Any]:
    """In development within the request that asks for it, so that one process is enough."""
    worker = env.str("TASK_WORKER", default="immediate" if debug else "database")
    if worker not in BACKENDS:
        raise ImproperlyConfigured("TASK_WORKER is either immediate or database.")
    return {"TASKS": {"default": {"BACKEND": BACKENDS[worker]}}}
