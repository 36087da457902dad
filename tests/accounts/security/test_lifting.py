"""An operator lifts a rule that keeps everybody out."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.security.lifting import OFF
from accounts.security.models import SecurityEvent, SecurityPolicy
from tests.accounts.security.conftest import listed
from tests.conftest import signed_in
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

ALL = {
    "methods_off": "password", "grace_days": 0, "second_factor_from": timezone.now(),
    "password_days": 1, "only_domains": True, "domains": listed("acme.test"),
    "idle_minutes": 5, "idle_from": timezone.now(), "networks": "203.0.113.0/24",
}  # fmt: skip


@pytest.mark.parametrize("setting", [kind.value for kind in OFF])
def test_one_setting_is_switched_off_and_the_others_stay(acme, rules, setting, capsys):
    rules(**ALL)
    call_command("security_lift", setting, company="acme")
    policy = SecurityPolicy.objects.get(company=acme)
    lifted = {name for name, value in ALL.items() if getattr(policy, name) != value}
    assert lifted == set(OFF[setting])
    event = SecurityEvent.objects.get()
    assert (event.kind, event.actor_label, event.address) == (setting, "", None)
    call_command("security_lift", setting, company="acme")
    assert SecurityEvent.objects.count() == 1
    assert capsys.readouterr().out == f"{setting} is off.\n{setting} was off already.\n"


def test_people_come_in_again_at_once(hr, rules):
    rules(networks="203.0.113.0/24")
    assert signed_in(hr).get("/candidates/").status_code == 302
    call_command("security_lift", "networks", company="acme")
    assert signed_in(hr).get("/candidates/").status_code == 200


@pytest.mark.parametrize("arguments", [("networks", "nobody"), ("x", "acme")])
def test_what_is_not_there_is_not_lifted(acme, arguments):
    setting, company = arguments
    with pytest.raises(CommandError):
        call_command("security_lift", setting, company=company)


def test_staff_look_at_history_and_change_nothing_of_it(acme, admin):
    event = SecurityEvent.objects.append(acme.pk, "refused", subject=admin, reason="password")
    client = signed_in(User.objects.get(pk=StaffFactory().pk))
    page = "/admin/accounts/securityevent/"
    assert "admin@acme.test" in client.get(page).content.decode()
    assert client.get(f"{page}{event.pk}/change/").status_code == 200
    assert client.post(f"{page}{event.pk}/change/", {"kind": "ended"}).status_code == 403
    assert client.post(f"{page}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{page}add/").status_code == 403
    assert SecurityEvent.objects.get(pk=event.pk).kind == "refused"
