"""seed_demo: the whole demo, again and again, and never where it would be a hole."""

import json
import re
import subprocess
import time
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accounts.models import Company, User
from apitokens.attribution import Actor
from apitokens.models import APIToken, APITokenEvent
from candidates.demo import seed as demo
from candidates.models import (
    Candidate,
    Case,
    CaseStatus,
    Category,
    Check,
    CreditEntry,
    LogEntry,
    Package,
    Subtype,
    Tag,
)
from candidates.services.credits import change_credits
from candidates.visibility import visible_candidates

PASSWORD = "correct horse 1"
EMAILS = {
    "admin@acme.test": "admin",
    "admin2@acme.test": "admin",
    "hr@acme.test": "hr",
    "recruiter@acme.test": "recruiter",
    "admin@globex.test": "admin",
    "ops@svportal.test": "",
}
MODELS = [
    Authenticator,
    Company,
    User,
    APIToken,
    Candidate,
    Case,
    LogEntry,
    Category,
    Check,
    Package,
    Subtype,
    Tag,
]


@pytest.fixture(autouse=True)
def development(settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


def seed(*arguments):
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def acme_token(name):
    return APIToken.objects.get(owner__slug="acme", name=name)


def everything():
    """Every row of every table, but for the passwords."""
    return {
        model.__name__: [
            {k: v for k, v in row.items() if k != "password"}
            for row in model.objects.order_by("pk").values()
        ]
        for model in MODELS
    }


@pytest.fixture(scope="module")
def first_run(django_db_setup, django_db_blocker):
    """What the first run printed; its rows are there for the whole module, each test's are not."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(DEBUG=True),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DEMO_PASSWORD", PASSWORD)
        yield seed()
        transaction.set_rollback(True)


@pytest.fixture
def empty(db):
    """No company and nobody, whatever ran before."""
    Company.objects.all().delete()
    User.objects.all().delete()
    Check.objects.all().delete()


@pytest.fixture
def seeded(first_run, db, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    return first_run


def test_the_fixed_people_can_sign_in(client, seeded):
    for email, level in EMAILS.items():
        user = User.objects.get(email=email)
        assert user.access_level == level
        assert client.login(username=email, password=PASSWORD)
    assert User.objects.get(email="ops@svportal.test").is_superuser
    assert set(Company.objects.values_list("slug", "name")) == {
        ("acme", "Acme Corp"),
        ("globex", "Globex"),
    }


def test_the_log_ins_and_the_password_are_printed(seeded):
    for email in EMAILS:
        assert email in seeded
    assert f"Password of all: {PASSWORD}" in seeded


def printed_app_secret(output):
    return re.search(r"Key for an authenticator app: ([A-Z2-7]{32})$", output, re.MULTILINE)[1]


def test_admin2_signs_in_by_password_and_the_code_of_the_printed_key(client, seeded):
    secret = printed_app_secret(seeded)
    person = {"username": "admin2@acme.test", "password": PASSWORD}
    assert client.post("/login/", person)["Location"] == "/login/code/"
    assert client.get("/")["Location"].startswith("/login/")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/login/code/", {"code": code})["Location"] == "/"
    assert client.get("/").status_code == 200
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_the_key_is_generated_once_and_anew_where_it_was_removed(seeded):
    assert printed_app_secret(seed()) == printed_app_secret(seeded)
    Authenticator.objects.all().delete()
    assert printed_app_secret(seed()) != printed_app_secret(seeded)


def test_a_password_is_generated_when_none_is_given(client, empty):
    password = re.search(r"Password of all: (\S+)", seed())[1]
    assert len(password) >= 12
    assert client.login(username="admin@acme.test", password=password)


def test_a_new_password_replaces_the_old_one(client, seeded, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "correct horse 2")
    seed()
    assert not client.login(username="hr@acme.test", password=PASSWORD)
    assert client.login(username="hr@acme.test", password="correct horse 2")


def test_the_same_password_is_not_hashed_again(seeded):
    before = set(User.objects.values_list("password", flat=True))
    seed()
    assert set(User.objects.values_list("password", flat=True)) == before
    assert len(before) == 1


def test_a_second_run_changes_nothing(seeded):
    before = everything()
    seed()
    assert everything() == before


def test_what_people_changed_meanwhile_stays(seeded):
    package = Package.objects.filter(company__slug="acme").first()
    staff = Actor(User.objects.get(email="ops@svportal.test"))
    change_credits(package, -1, reason=CreditEntry.Reason.CORRECTED, actor=staff)
    Candidate.objects.filter(company__slug="acme").first().delete()
    before = everything()
    seed()
    assert everything() == before


def test_every_state_is_there_added_by_people_and_by_tokens(seeded):
    acme = Candidate.objects.filter(company__slug="acme")
    assert acme.count() == 40
    assert set(acme.values_list("case__status", flat=True)) == set(CaseStatus)
    assert acme.filter(added_through=None).exists()
    assert acme.exclude(added_through=None).values("added_through").distinct().count() >= 3
    assert 0 < Candidate.objects.filter(company__slug="globex").count() < 10


def test_ids_and_dates_agree_and_nothing_is_of_the_future(seeded):
    dates = list(
        Candidate.objects.filter(company__slug="acme")
        .order_by("pk")
        .values_list("created_at", flat=True)
    )
    assert dates == sorted(dates)
    assert dates[-1] < timezone.now()
    assert dates[0] < timezone.now() - timedelta(weeks=3)
    assert not LogEntry.objects.filter(at__gt=timezone.now()).exists()


def test_names_are_as_people_have_them(seeded):
    names = set(Candidate.objects.values_list("name", flat=True))
    assert "अनन्या शर्मा" in names
    assert "Maria D’Souza" in names


def test_tokens_are_in_every_state(seeded):
    states = {t.name: t.state for t in APIToken.objects.filter(owner__slug="acme")}
    assert states == {
        "Campus day import": "unending",
        "Command line": "unending",
        "Data migration": "expired",
        "HRMS nightly export": "stopped",
        "Freshteam bridge": "suspended",
        "Interview day": "ending",
        "Old ATS bridge": "deleted",
        "Onboarding portal": "unending",
    }
    assert acme_token("Campus day import").last_used_at
    assert acme_token("Onboarding portal").last_used_at is None
    assert "Priya Nair" in acme_token("HRMS nightly export").stop_reason


def test_names_that_the_readme_uses_are_free(seeded):
    assert not APIToken.objects.filter(
        owner__slug="acme", live_name__in=["greenhouse sync", "lever"]
    ).exists()


def test_a_short_lived_token_that_ran_out_is_made_anew(seeded):
    first = acme_token("Interview day")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert first.state == "expired"
        seed()
        second = APIToken.objects.existing().get(name="Interview day")
        assert second.state == "ending"
        assert second != first


def test_a_token_that_somebody_deleted_stays_deleted(seeded):
    for name in ("Onboarding portal", "Interview day"):
        acme_token(name).delete()
    seed()
    for name in ("Onboarding portal", "Interview day"):
        assert acme_token(name).is_deleted


def test_a_package_has_credits_to_spare(seeded):
    for slug in ("acme", "globex"):
        packages = Package.objects.filter(company__slug=slug)
        assert {p.name for p in packages} >= {"Standard", "Executive", "Freshers"}
        assert all(package.credits > 1000 for package in packages)
    assert Check.objects.count() == 9
    for subtype in Subtype.objects.all():
        codes = set(subtype.checks.values_list("code", flat=True))
        assert codes
        assert "court-record" not in codes or "address" in codes
        assert "employment" not in codes or "education" in codes


def curl_of(output):
    return next(line for line in output.splitlines() if line.startswith("curl "))


def run_line(line, shell, **environment):
    """What the shell hands to curl, by a curl that only prints its arguments."""
    function = 'curl() { for a in "$@"; do printf "%s\\0" "$a"; done; }\n'
    done = subprocess.run(
        [shell, "-c", function + line], capture_output=True, check=True, text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_printed_line_adds_a_candidate_each_time(client, seeded, shell):
    arguments = run_line(curl_of(seeded), shell)
    url = next(a for a in arguments if a.startswith("http"))
    body = arguments[arguments.index("-d") + 1]
    headers = dict(a.split(": ", 1) for f, a in pairwise(arguments) if f == "-H")
    assert url == "http://127.0.0.1:8000/external/v1/candidate/add"
    sent = json.loads(body)
    assert re.fullmatch(r"9[0-9]{9}", sent["candidate"]["phone"])
    assert Subtype.objects.get(pk=sent["package"]["subtype_id"]).package.company.slug == "acme"
    for day in range(2):
        sent["candidate"]["phone"] = str(9_100_000_000 + day)
        sent["candidate"]["email"] = f"day{day}@example.in"
        response = client.post(
            url.removeprefix("http://127.0.0.1:8000"), json.dumps(sent),
            content_type=headers["Content-Type"], HTTP_AUTHORIZATION=headers["Authorization"],
        )  # fmt: skip
        assert response.status_code == 200, response.content
    added = Candidate.objects.order_by("-pk").first()
    assert added.added_by_label == "API(Command line)"


def test_the_lines_address_and_phone_differ_by_the_second(seeded):
    line = curl_of(seeded)
    assert "ananya.$(date +%s)@example.in" in line
    assert "9$(date +%s | cut -c2-)" in line


def test_another_token_can_be_put_into_the_line(seeded):
    arguments = run_line(curl_of(seeded), "sh", TOKEN="another.token.here")
    assert "Authorization: Bearer another.token.here" in arguments
    assert "TOKEN=" in seeded.split(curl_of(seeded))[1]


def test_the_line_goes_to_the_given_address(seeded):
    assert "curl -sS https://portal.example/external/v1/candidate/add " in seed(
        "--base-url", "https://portal.example/"
    )


def test_the_line_is_the_same_on_every_run_and_each_copy_is_in_the_history(seeded):
    assert curl_of(seed()) == curl_of(seeded)
    copies = APITokenEvent.objects.filter(kind="copied", token_name="Command line")
    assert copies.count() == 1


def test_a_stopped_command_line_token_is_replaced(client, seeded):
    acme_token("Command line").delete()
    assert curl_of(seed()) != curl_of(seeded)
    assert APIToken.objects.existing().get(name="Command line").is_usable


def test_it_refuses_where_debug_is_off(empty, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert not User.objects.exists()


def test_force_seeds_even_there(empty, settings):
    settings.DEBUG = False
    seed("--force")
    assert User.objects.filter(email="admin@acme.test").exists()


def test_nothing_is_printed_but_on_standard_output(empty, caplog):
    caplog.set_level("INFO")
    assert seed()
    assert not caplog.records


def test_a_failure_leaves_nothing_behind(empty, monkeypatch):
    def fail(*arguments):
        raise RuntimeError

    monkeypatch.setattr(demo.candidates, "make_globex_candidates", fail)
    with pytest.raises(RuntimeError):
        seed()
    assert not User.objects.exists()
    assert not APIToken.objects.exists()


@pytest.mark.parametrize("company", ["acme", "globex"])
def test_admins_see_the_pages_of_the_demo(client, seeded, company):
    client.force_login(User.objects.get(email=f"admin@{company}.test"))
    for url in ("/", "/candidates/", "/candidates/add/", "/security-settings/api/"):
        assert client.get(url).status_code == 200


def test_the_hr_person_has_a_category_and_sees_its_candidates(first_run):
    joseph = User.objects.get(email="hr@acme.test")
    assert [category.name for category in joseph.categories.all()] == ["Engineering"]
    seen = visible_candidates(joseph)
    assert seen.filter(category__name="Engineering").exclude(added_by=joseph).exists()
    assert not seen.filter(category__name="Sales").exclude(added_by=joseph).exists()
