"""Production settings: what they refuse, what they set, and that everything needed is shipped."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from svportal import first_setup

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "svportal.settings",
    "DJANGO_READ_DOT_ENV": "off",
    "DEBUG": "off",
    "SECRET_KEY": "production-" + "8f3kd02mfoqz" * 5,
    "ALLOWED_HOSTS": "portal.example.test",
    "APITOKENS_KEYS": '[{"kid":"k1","alg":"HS256","state":"active","secret":"' + "p9" * 20 + '"}]',
    "DATABASE_URL": "sqlite://:memory:",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.test:587",
}


def manage(*arguments, **changes):
    """Run manage.py in a process of its own under production settings."""
    environment = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    environment |= {k: v for k, v in {**PRODUCTION, **changes}.items() if v is not None}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_check_deploy_is_clean():
    result = manage("check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "APITOKENS_KEYS"])
def test_with_debug_off_it_refuses_to_start_without(name):
    result = manage("check", **{name: None})
    assert result.returncode != 0
    assert f"Set {name}" in result.stderr


def test_debug_is_off_unless_said():
    assert "Set SECRET_KEY" in manage("check", DEBUG=None, SECRET_KEY=None).stderr


def test_work_behind_pages_is_for_a_worker_and_in_development_done_at_once():
    code = "from django.conf import settings; print(settings.TASKS['default']['BACKEND'])"
    backend = manage("shell", "--no-imports", "-c", code).stdout.strip()
    assert backend == "django_tasks_db.DatabaseBackend"
    for changes in ({"DEBUG": "on"}, {"TASK_WORKER": "immediate"}):
        backend = manage("shell", "--no-imports", "-c", code, **changes).stdout.strip()
        assert backend.endswith("ImmediateBackend")
    assert "TASK_WORKER is either" in manage("check", TASK_WORKER="celery").stderr


def test_demo_data_are_refused_with_debug_off():
    result = manage("seed_demo", DEMO_PASSWORD="x")
    assert result.returncode != 0
    assert "DEBUG is off" in result.stderr


def test_every_static_file_that_a_page_names_is_collected(tmp_path):
    result = manage("collectstatic", "--noinput", STATIC_ROOT=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "staticfiles.json").exists()
    assert any(tmp_path.rglob("*.gz"))
    assert not any(tmp_path.rglob("*.br"))


WAL = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("journal_mode", "busy_timeout"):
        print(cursor.execute(f"PRAGMA {name}").fetchone()[0])
"""


def test_sqlite_writes_ahead_and_waits_for_locks(tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    shown = manage("shell", "-v", "0", "-c", WAL, DATABASE_URL=url).stdout.split()
    assert shown == ["wal", "20000"]


PROBE = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS > 0,
      s.SECURE_SSL_REDIRECT)
"""


def test_cookies_are_host_bound_and_secure_in_production():
    shown = manage("shell", "-v", "0", "-c", PROBE).stdout.split()
    assert shown[:2] == ["__Host-sessionid", "__Host-csrftoken"]
    assert shown[2:] == ["True", "True", "True", "Lax", "True", "True"]


def test_the_first_set_up_writes_secrets_that_only_the_owner_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(first_setup, "DOT_ENV", tmp_path / ".env")
    first_setup.main()
    written = (tmp_path / ".env").read_text()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    for name in ("SECRET_KEY", "APITOKENS_KEYS", "DEMO_PASSWORD"):
        assert re.search(rf"^{name}=.{{12,}}$", written, re.M)
    first_setup.main()
    assert (tmp_path / ".env").read_text() == written


BACKEND = "from django.conf import settings; print(settings.CACHES['default']['BACKEND'])"


def test_a_redis_that_fails_is_done_without_in_production():
    shown = manage("shell", "-v", "0", "-c", BACKEND, CACHE_URL="redis://127.0.0.1:6379/0")
    assert shown.stdout.split() == ["svportal.cache.DispensableRedisCache"]


@pytest.mark.django_db
def test_the_probes_answer(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"database": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_the_probe_names_a_cache_that_is_down(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "cache": "down"}
