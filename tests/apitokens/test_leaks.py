"""security.md H: a token and its jti are in the client's hands and in one column, nowhere else."""

import sys
from base64 import urlsafe_b64encode
from datetime import timedelta
from itertools import chain

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.utils import timezone
from django.views.debug import ExceptionReporter

from apitokens import notices
from apitokens.conf import ROTATE_SELF
from apitokens.models import APIToken, Credential
from apitokens.signing import get_signer
from tests.apitokens.conftest import ME
from tests.apitokens.test_host_permissions import Programs
from tests.apitokens.test_rest import TOKENS, of, send
from tests.apitokens.test_views import JSON, LIST, generate, page_of
from tests.candidates.external import ADD, DETAILS, ROTATE
from tests.conftest import bearer, signed_in
from tests.factories import StaffFactory, UserFactory, make_token

pytestmark = pytest.mark.django_db

COLUMN = ("apitokens_credential", "jti")
"""Where a jti is looked up: the one place that holds it."""


def secrets():
    """What gives a token away: its jti in each spelling, and the parts of the JWT that differ."""
    for credential in Credential.objects.all():
        jti = credential.jti
        yield from (str(jti), jti.hex, urlsafe_b64encode(jti.bytes).rstrip(b"=").decode())
        yield from get_signer().sign(credential.claims).split(".")[1:]


def cells():
    for model in apps.get_models():
        for row in model._base_manager.values():
            for name, value in row.items():
                if (model._meta.db_table, name) != COLUMN:
                    yield f"{model.__name__}.{name}", str(value)


def letters():
    for letter in mail.outbox:
        yield "mail", " ".join([letter.subject, letter.body, *(a[0] for a in letter.alternatives)])


def kept(caplog):
    """(where, text) of all that outlives a request."""
    sessions = (("session", str(row.get_decoded())) for row in Session.objects.all())
    keys = [key.split(":", 2)[2] for key in cache._cache]
    cached = (("cache", f"{key} {cache.get(key)}") for key in keys)
    return chain(cells(), sessions, cached, letters(), [("log", caplog.text)])


@pytest.fixture
def leaks(caplog, settings):
    """leaks() → where a secret stands that shouldn't."""
    settings.APITOKENS_FAILURE_LIMIT = 100
    settings.APITOKENS_TOKEN_RATE = "1000/min"
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    cache.clear()
    caplog.set_level("DEBUG")

    def leaks():
        sought = list(secrets())
        assert sought
        return [where for where, text in kept(caplog) if any(part in text for part in sought)]

    yield leaks
    cache.clear()


def generate_twice(client, **more):
    for _ in range(2):
        assert generate(client, name="Twice", request_id="0" * 32).status_code == 200
    client.get(LIST)


def create_by_rest(client, **more):
    assert send(client, "POST", TOKENS, {"name": "CI"}).status_code == 201


def copy(client, token, **more):
    for extra in ({}, JSON):
        assert client.post(page_of(token, "copy"), **extra).status_code == 200
    assert send(client, "POST", of(token, "copy/")).status_code == 200


def rename(client, token, **more):
    client.post(page_of(token, "edit"), {"name": "Lever"})


def rotate(client, token, **more):
    replaces = token.credential.pk
    form = {"overlap": "3600", "replaces": replaces}
    assert client.post(page_of(token, "rotate"), form).status_code == 200
    assert send(client, "POST", of(token, "rotate/"), {"overlap": 0}).status_code == 200


def rotate_itself(jwt, **more):
    assert bearer(jwt).post(ROTATE).status_code == 200


def use(jwt, **more):
    assert bearer(jwt).get(ME).status_code == bearer(jwt).get(DETAILS).status_code == 200


def use_wrongly(jwt, client, **more):
    head, payload, signature = jwt.split(".")
    for raw in (jwt + "A", f"{head}.{payload}.", f"{head}.{payload}.{signature[::-1]}", f"{jwt} x"):
        assert bearer(raw).get(ME).status_code == 401
    assert bearer(jwt).post(ADD, {"token": jwt}, format="json").status_code == 400
    assert bearer(jwt).get("/nowhere").status_code == 404
    assert send(client, "GET", TOKENS, HTTP_AUTHORIZATION=f"Bearer {jwt}").status_code == 401


def use_beyond_its_end(jwt, token, client, **more):
    client.post(page_of(token, "suspend"))
    assert bearer(jwt).get(ME).status_code == 401
    client.post(page_of(token, "resume"))
    token.delete()
    assert bearer(jwt).get(ME).status_code == 401


def delete_in_the_django_admin(token, jwt, **more):
    staff = signed_in(StaffFactory())
    for path in ("", f"{token.pk}/change/", f"{token.pk}/history/"):
        staff.get(f"/admin/apitokens/apitoken/{path}")
    staff.post(f"/admin/apitokens/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert APIToken.objects.get(pk=token.pk).is_deleted


def notify(token, jwt, acme, **more):
    """One that stopped, and a replaced one that is in use and will end."""
    leaver = UserFactory(company=acme)
    make_token(owner=acme, user=leaver, name="Stopped")
    leaver.is_active = False
    leaver.save()
    now = timezone.now()
    old = token.credential
    token.credentials.update(ends_at=now + timedelta(hours=1), last_used_at=now)
    Credential.objects.create(token=token, kid=old.kid, issued_at=now - timedelta(days=1))
    notices.notify()
    (letter,) = mail.outbox
    assert "Stopped" in letter.body
    assert "Greenhouse sync" in letter.body


ACTS = [generate_twice, create_by_rest, copy, rename, rotate, rotate_itself, use, use_wrongly,
        use_beyond_its_end, delete_in_the_django_admin, notify]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_nothing_that_outlives_a_request_holds_a_token_or_its_jti(fresh, acme, admin, leaks, act):
    token, jwt = make_token(
        owner=acme, user=admin, name="Greenhouse sync",
        scopes=["candidates:read", "candidates:write", ROTATE_SELF],
    )  # fmt: skip
    act(client=fresh, token=token, jwt=jwt, acme=acme)
    assert leaks() == []


def test_a_row_that_is_printed_shows_no_jti(token):
    """In a log, in a debugger, in an f-string."""
    credential = token.credential
    printed = f"{credential} {credential!r} {token!r} {list(token.credentials.all())}"
    assert not [part for part in secrets() if part in printed]


# What is told of an error that nobody foresaw --------------------------------------------------
class Raising:
    """Fails wherever it is asked for anything."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("nobody foresaw it")


@pytest.fixture
def reports():
    """What Django mails to operators who ask for HTML: each frame with its variables."""
    found = []

    def report(request, **kwargs):
        reporter = ExceptionReporter(request, *sys.exc_info(), is_email=True)
        found.append(reporter.get_traceback_html() + reporter.get_traceback_text())

    got_request_exception.connect(report)
    yield found
    got_request_exception.disconnect(report)


def generate_by_page(client, **more):
    return generate(client, name="Page")


def copy_by_page(client, token, **more):
    return client.post(page_of(token, "copy"))


def rotate_by_page(client, token, **more):
    form = {"overlap": "3600", "replaces": token.credential.pk}
    return client.post(page_of(token, "rotate"), form)


def create_by_call(client, **more):
    return send(client, "POST", TOKENS, {"name": "CI"})


def rotate_by_call(client, token, **more):
    return send(client, "POST", of(token, "rotate/"), {"overlap": 0})


def present_it(client, jwt, **more):
    return client.get(ME, headers={"authorization": f"Bearer {jwt}"})


def let_it_rotate_itself(client, jwt, **more):
    return send(client, "POST", ROTATE, {}, HTTP_AUTHORIZATION=f"Bearer {jwt}")


BROKEN = [
    (generate_by_page, "apitokens.views.base.named_or_literal"),
    (copy_by_page, "apitokens.views.base.named_or_literal"),
    (rotate_by_page, "apitokens.views.base.named_or_literal"),
    (create_by_call, "apitokens.api.management.ManagedTokenSerializer"),
    (rotate_by_call, "apitokens.api.management.ManagedTokenSerializer"),
    (let_it_rotate_itself, "apitokens.api.views.RotatedSerializer"),
    (present_it, "svportal.token_policy.PortalTokenPolicy.stop_reason"),
]


@pytest.mark.parametrize(("act", "broken"), BROKEN, ids=lambda part: getattr(part, "__name__", ""))
def test_the_report_of_an_error_shows_neither_a_token_nor_its_jti(
    fresh, acme, admin, monkeypatch, reports, act, broken
):
    token, jwt = make_token(owner=acme, user=admin, scopes=[ROTATE_SELF])
    monkeypatch.setattr(broken, Raising)
    fresh.raise_request_exception = False
    assert act(client=fresh, token=token, jwt=jwt).status_code == 500
    (report,) = reports
    assert "nobody foresaw it" in report
    assert not [part for part in secrets() if part in report]


def test_nor_does_the_report_of_an_error_in_a_hosts_own_view(rf, jwt, monkeypatch):
    monkeypatch.setattr("svportal.token_policy.PortalTokenPolicy.stop_reason", Raising)
    with pytest.raises(RuntimeError) as error:
        Programs.as_view()(rf.get("/", headers={"authorization": f"Bearer {jwt}"}))
    ours = error.tb.tb_next  # below this test, which knows the token
    report = ExceptionReporter(None, error.type, error.value, ours).get_traceback_html()
    assert "nobody foresaw it" in report
    assert "get_validated_token" in report
    assert not [part for part in secrets() if part in report]
