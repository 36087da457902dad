"""Probes for operators: is the process alive, can it serve?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def healthz(request):
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request):
    """Database and cache answer; 503 names the one that doesn't."""
    parts = {"database": _works(_ask_database), "cache": _works(_ask_cache)}
    ready = all(parts.values())
    states = {name: "ok" if works else "down" for name, works in parts.items()}
    return JsonResponse(states, status=200 if ready else 503)


def _works(ask):
    try:
        return ask()
    except DatabaseError:
        return False
    except Exception:  # noqa: BLE001 - each cache backend has errors of its own
        return False


def _ask_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _ask_cache():
    cache.set("readyz", "1", 5)
    return cache.get("readyz") == "1"
