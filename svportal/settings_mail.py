"""Outgoing mail, by one URL: as MAILERS from Django 6.1 on, as settings of their own before."""

from typing import Any

import django

OPTIONS = {
    "host": "EMAIL_HOST",
    "port": "EMAIL_PORT",
    "username": "EMAIL_HOST_USER",
    "password": "EMAIL_HOST_PASSWORD",
    "use_tls": "EMAIL_USE_TLS",
    "use_ssl": "EMAIL_USE_SSL",
    "file_path": "EMAIL_FILE_PATH",
}


def mail_settings(env: Any) -> dict[str, Any]:
    """Without a URL mail is written to the console."""
    given = env.email("EMAIL_URL", default="consolemail://")
    if django.VERSION < (6, 1):
        return {name: value for name, value in given.items() if value is not None}
    options = {name: given[setting] for name, setting in OPTIONS.items() if given.get(setting)}
    return {"MAILERS": {"default": {"BACKEND": given["EMAIL_BACKEND"], "OPTIONS": options}}}
