"""A company never loses its last Admin, whoever acts at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from accounts.models import AccessLevel, User
from accounts.team import services
from accounts.team.exceptions import LastAdmin, NotAnAdmin, TeamError
from accounts.team.services import admins
from tests.factories import CompanyFactory, UserFactory

ACTS = {
    "disable": services.disable,
    "close": services.close,
    "demote": lambda *, actor, person: services.change_person(
        actor=actor, person=person, name=person.name, phone="", access_level="hr"
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_whoever_is_no_admin_by_now_does_nothing(acme, admin, other, act):
    services.disable(actor=other, person=admin)
    with pytest.raises(NotAnAdmin):
        ACTS[act](actor=admin, person=other)
    assert list(admins(acme)) == [other]


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_the_last_admin_stays_even_if_the_check_of_the_actor_were_wrong(
    acme, admin, other, act, monkeypatch
):
    monkeypatch.setattr(services, "lock_for", lambda actor: acme)
    User.objects.filter(pk=admin.pk).update(access_level=AccessLevel.HR)
    with pytest.raises(LastAdmin):
        ACTS[act](actor=admin, person=other)
    assert list(admins(acme)) == [other]


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("act", ACTS)
def test_two_admins_who_remove_each_other_leave_one(act):
    company = CompanyFactory()
    one, two = UserFactory(company=company), UserFactory(company=company)

    def do(pair):
        try:
            ACTS[act](actor=pair[0], person=pair[1])
            return True
        except TeamError:
            return False
        finally:
            connections.close_all()

    for _round in range(5):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(do, [(one, two), (two, one)]))
        assert sorted(done) == [False, True]
        assert admins(company).count() == 1
        if act == "close":
            break
        User.objects.filter(company=company).update(access_level="admin", is_active=True)
    assert connection.vendor == "postgresql"
