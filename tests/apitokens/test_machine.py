"""Any sequence of acts: a token works exactly when the model says so, its label is right, and its
history is complete.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.models import AccessLevel
from apitokens import services
from apitokens.exceptions import TokenDeleted, TokenNotUsable
from apitokens.models import APIToken, APITokenEvent
from tests.factories import CompanyFactory, UserFactory

ME = "/external/v1/me"
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OVERLAPS = st.sampled_from(services.OVERLAPS)


class Life(RuleBasedStateMachine):
    """One token of one company with two people, and what should be true of it."""

    @initialize(lifetime=st.sampled_from([None, 600, 3600, 86400]))
    def issue(self, lifetime):
        self.now = START
        self.clock = time_machine.travel(self.now, tick=False)
        self.coordinates = self.clock.start()
        self.company = CompanyFactory()
        self.people = [UserFactory(company=self.company), UserFactory(company=self.company)]
        self.good = [True, True]
        self.acting, self.suspended, self.deleted, self.active = 0, False, False, True
        self.name, self.kinds = "Token 0", ["created"]
        self.lifetime = None if lifetime is None else timedelta(seconds=lifetime)
        self.token, jwt = services.issue_token(
            owner=self.company, user=self.people[0], name=self.name, lifetime=self.lifetime
        )
        self.credentials = [{"jwt": jwt, "end": self.end_of(self.lifetime)}]

    def end_of(self, lifetime):
        return None if lifetime is None else self.now + lifetime

    def teardown(self):
        if hasattr(self, "clock"):
            self.clock.stop()

    # What should be ---------------------------------------------------------------------------

    @property
    def usable(self):
        return self.token_usable and self.lives(self.credentials[-1])

    @property
    def token_usable(self):
        return (
            not (self.deleted or self.suspended)
            and self.active
            and self.acting is not None
            and self.good[self.acting]
        )

    def lives(self, credential):
        return credential["end"] is None or credential["end"] > self.now

    # What is done -----------------------------------------------------------------------------

    def do(self, act, kind, *, allowed=True, **kwargs):
        """Do it, and note *kind* if it should have happened."""
        try:
            done = act(token=APIToken.objects.get(pk=self.token.pk), **kwargs)
        except (TokenDeleted, TokenNotUsable):
            assert self.deleted or not allowed
            return None
        assert allowed
        if done:
            self.kinds.append(kind)
        return done

    @rule(number=st.integers(1, 3))
    def rename(self, number):
        name = f"Token {number}"
        changed = name != self.name and not self.deleted
        renamed = self.do(services.rename_token, "renamed", name=name, actor=self.people[1])
        if renamed:
            self.name = name
            if not changed:
                self.kinds.pop()

    @rule()
    def copy(self):
        jwt = self.do(services.copy_token, "copied", actor=None, allowed=self.usable)
        assert jwt in (None, self.credentials[-1]["jwt"])

    @rule(overlap=OVERLAPS)
    def rotate(self, overlap):
        done = self.do(
            services.rotate_token, "rotated", overlap=overlap, actor=None, allowed=self.usable
        )
        if done:
            self.cut_old()
            old = self.credentials[-1]
            old["end"] = min(filter(None, [self.now + overlap, old["end"]]))
            self.credentials.append({"jwt": done[1], "end": self.end_of(self.lifetime)})

    def cut_old(self):
        for credential in self.credentials[:-1]:
            if self.lives(credential):
                credential["end"] = self.now

    @rule()
    def cut(self):
        if self.do(services.cut_old_credentials, "cut", actor=None):
            assert any(self.lives(credential) for credential in self.credentials[:-1])
            self.cut_old()

    @rule()
    def suspend(self):
        if self.do(services.suspend_token, "suspended", actor=self.people[0]):
            assert not self.suspended
            self.suspended = True

    @rule()
    def resume(self):
        if self.do(services.resume_token, "resumed", actor=self.people[0]):
            assert self.suspended
            self.suspended = False

    @precondition(lambda self: any(self.good))
    @rule()
    def take_over(self):
        who = self.good.index(True) if self.acting != self.good.index(True) else self.acting
        if self.do(services.take_over_token, "taken-over", actor=self.people[who]):
            assert who != self.acting
            self.acting = who

    @rule(who=st.integers(0, 1), how=st.sampled_from(["disable", "demote", "restore"]))
    def change_person(self, who, how):
        person = self.people[who]
        person.is_active = how != "disable"
        person.access_level = AccessLevel.HR if how == "demote" else AccessLevel.ADMIN
        person.save()
        self.good[who] = how == "restore"

    @rule(active=st.booleans())
    def suspend_company(self, active):
        self.company.is_active = self.active = active
        self.company.save()

    @rule(seconds=st.sampled_from([1, 599, 600, 3599, 3600, 86400]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.coordinates.move_to(self.now, tick=False)

    @rule()
    def delete(self):
        token = APIToken.objects.get(pk=self.token.pk)
        done = services.delete_token(token=token, actor=None)
        assert done is not self.deleted
        if done:
            self.kinds.append("deleted")
        self.deleted = True

    # What must hold after each of them -----------------------------------------------------------

    @invariant()
    def it_works_exactly_when_the_model_says_so(self):
        if not hasattr(self, "credentials"):
            return
        for credential in self.credentials:
            header = f"Bearer {credential['jwt']}"
            status = Client().get(ME, headers={"Authorization": header}).status_code
            works = self.token_usable and self.lives(credential)
            assert status == (200 if works else 401)

    @invariant()
    def label_and_history_are_right(self):
        if not hasattr(self, "credentials"):
            return
        token = APIToken.objects.get(pk=self.token.pk)
        assert token.label == f"API({self.name})"
        events = APITokenEvent.objects.about(token).exclude(kind="new-address").order_by("pk")
        assert [event.kind for event in events] == self.kinds
        assert token.is_usable is self.usable


@pytest.mark.django_db
def test_whatever_is_done_a_token_works_exactly_when_the_model_says_so(db):
    from django.db import transaction
    from hypothesis.stateful import run_state_machine_as_test

    class Undone(Life):
        """Each sequence in a transaction of its own that is rolled back."""

        def __init__(self):
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()

        def teardown(self):
            super().teardown()
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    checks = settings(
        max_examples=40, stateful_step_count=25, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Undone, settings=checks)
