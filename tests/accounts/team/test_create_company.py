"""manage.py create_company: the one way in besides the Django admin."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import Company, Invitation

pytestmark = pytest.mark.django_db
MORE = {"admin": "asha@north.test", "admin_name": "Asha", "base_url": "https://portal.test/"}


def test_a_company_is_created_and_its_first_admin_invited(capsys):
    call_command("create_company", "Northwind Traders", **MORE)
    company = Company.objects.get()
    assert company.slug == "northwind-traders"
    invitation = Invitation.objects.get(company=company)
    assert (invitation.email, invitation.access_level) == ("asha@north.test", "admin")
    assert f"https://portal.test/join/{invitation.link_text}/" in mail.outbox[0].body
    assert "Invited asha@north.test" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "changed"),
    [("", {}), ("Acme", {"admin": "nobody"}), ("Acme", {"slug": "a b"}), ("!!!", {}),
     ("Acme", {"base_url": None})],
)  # fmt: skip
def test_bad_input_is_one_line_and_nothing_is_created(name, changed):
    with pytest.raises(CommandError):
        call_command("create_company", name, **{**MORE, **changed})
    assert not Company.objects.exists()
    assert not mail.outbox


def test_a_slug_that_is_taken_is_refused(acme):
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_company", "Acme", **MORE)
    assert Company.objects.count() == 1
