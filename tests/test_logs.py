"""No log tells a link that opens something: a candidate's, an invitation's, a new password's."""

import io
import logging
import re
from datetime import timedelta
from runpy import run_path

import pytest
import time_machine
from django.conf import settings
from django.core.signing import Signer, TimestampSigner
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from gunicorn.config import Config

from accounts.models import Invitation
from candidates.intake.links import LIFETIME, bgv_url
from svportal.gunicorn_logs import GunicornLogger
from svportal.logs import without_links
from tests.candidates.conftest import add, foreign, meera, private_folder
from tests.conftest import signed_in

__all__ = ["add", "foreign", "meera", "private_folder"]
pytestmark = pytest.mark.django_db

OPEN = {"id", "kind", "public_id", "content_type_id", "app_label", "provider_id", "company",
        "draft", "step", "setting", "object_id", "url", "path"}  # fmt: skip
"""Parameters that are no secret: by themselves they open nothing."""


@pytest.fixture
def lines():
    """What the portal's own handler writes, in the settings' own words."""
    stream = io.StringIO()
    (handler,) = [h for h in logging.getLogger().handlers if h.name == "console"]
    before = handler.setStream(stream)
    yield stream.getvalue
    handler.setStream(before)


def secret_of(url):
    return url.strip("/").split("/")[1]


def assert_cut(text, secret, *, times=1):
    """The line is there, and the part that opens isn't, nor its signature alone."""
    assert text.count("…") >= times, text
    for part in (secret, secret.rpartition(":")[2], secret.replace(":", "%3A")):
        assert part not in text


def expired(client, url):
    with time_machine.travel(timezone.now() + 2 * LIFETIME):
        return client.get(url)


def unknown_page(client, url):
    return client.get(f"{url}nonsense/")


def forged_form(client, url):
    """Django's CSRF check tells the page before."""
    strict = Client(enforce_csrf_checks=True, headers={"referer": f"https://evil.test{url}"})
    return strict.post(f"{url}consent/", secure=True)


def wrong_method(client, url):
    return client.delete(url)


@pytest.mark.parametrize(
    ("ask", "status"),
    [(expired, 404), (unknown_page, 404), (forged_form, 403), (wrong_method, 405)],
)
def test_a_refused_page_of_a_candidates_link(client, meera, lines, ask, status):
    url = bgv_url(meera)
    assert ask(client, url).status_code == status
    assert_cut(lines(), secret_of(url))
    assert "/bgv/…/" in lines()


def test_an_error_that_nobody_foresaw_with_its_traceback(client, meera, lines, monkeypatch):
    url = bgv_url(meera)

    def fail(self, *args, **kwargs):
        raise RuntimeError(f"no reverse match for {kwargs} at {self.request.build_absolute_uri()}")

    monkeypatch.setattr("candidates.intake.views.Start.get", fail)
    client.raise_request_exception = False
    assert client.get(url).status_code == 500
    assert "Traceback" in lines()
    assert_cut(lines(), secret_of(url), times=3)


def test_an_invitation_a_new_password_and_a_confirmation(client, acme, lines):
    invitation = Invitation.objects.create(company=acme, email="x@x.test", access_level="hr")
    text = Signer(salt="accounts.team.invitation").sign_object([invitation.pk, invitation.nonce])
    with time_machine.travel(invitation.expires_at.replace(year=2030)):
        client.get(f"/join/{text}/")
    client.delete("/password/reset/a1-c5ksu9-f2d4c1/")
    client.delete("/login/e-mail/Mq:1vP2n8:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ/")
    assert_cut(lines(), text)
    assert "f2d4c1" not in lines()
    assert "1vP2n8" not in lines()


def patterns(found=None, before=""):
    for pattern in get_resolver().url_patterns if found is None else found:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern)


def test_every_address_with_a_secret_in_it_is_known():
    """A link that is added later and named here by nobody makes it red."""
    found = 0
    for route in patterns():
        bare = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", re.sub(r"[\^$]", "", route))
        address = re.sub(r"<(?:(\w+):)?(\w+)>", sample_of, bare)
        found += "hush" in address
        assert "hush" not in without_links(f"Not Found: /{address} x"), route
    assert found >= 12


def sample_of(parameter):
    kind, name = parameter[1], parameter[2]
    return "x" if kind in {"int", "uuid"} or name in OPEN else f"hush{name}"


@pytest.mark.parametrize(
    "text",
    [
        "/candidates/4711/",
        "/bgv/",
        "GET /healthz HTTP/1.1",
        "2026-11-26 10:00:00,123 INFO x y",
        "token tok_38dz44wt8px5 created by user 12",
        "a sha256:" + "0" * 64,
        "/security-settings/api/tok_000000000000/copy/",
        "http://127.0.0.1:8000/candidates/",
    ],
)
def test_other_lines_stay_as_they_are(text):
    assert without_links(text) == text


def test_an_address_within_an_address_is_cut_too():
    link = f"/bgv/{TimestampSigner(salt='candidates.intake').sign('0' * 32)}/"
    quoted = link.replace("/", "%2F").replace(":", "%3A")
    assert without_links(f"/login/?next={quoted}&x=1") == "/login/?next=%2Fbgv%2F…%2F&x=1"


# --- gunicorn ---------------------------------------------------------------------------------
def test_gunicorn_is_told_to_use_the_logger():
    space = run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    assert space["logger_class"] == f"{GunicornLogger.__module__}.{GunicornLogger.__qualname__}"


class Response:
    status, sent, headers = "404 Not Found", 12, ()


def test_gunicorns_access_and_error_logs(meera, tmp_path):
    config = Config()
    for name in ("accesslog", "errorlog"):
        config.set(name, str(tmp_path / name))
    logger = GunicornLogger(config)
    url = bgv_url(meera)
    environ = {
        "REQUEST_METHOD": "POST", "RAW_URI": f"{url}consent/", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://portal.test{url}address/", "HTTP_USER_AGENT": "x",
    }  # fmt: skip
    logger.access(Response, {}, environ, timedelta(seconds=1))
    logger.error("Error handling request %s", url)
    for name, times in (("accesslog", 2), ("errorlog", 1)):
        text = (tmp_path / name).read_text("utf-8")
        assert_cut(text, secret_of(url), times=times)
    for log in (logger.access_log, logger.error_log):
        for handler in list(log.handlers):
            log.removeHandler(handler)
            handler.close()


def test_a_page_that_opens_leaves_no_line_with_it(meera, admin, lines, client):
    assert client.get(bgv_url(meera)).status_code == 200
    assert signed_in(admin).get(f"/candidates/?q={bgv_url(meera)}").status_code == 200
    assert secret_of(bgv_url(meera)) not in lines()
