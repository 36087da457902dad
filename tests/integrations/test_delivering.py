"""Deliveries to a real server over https: what arrives, and what becomes of what does not."""

import logging
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import AccessLevel, SecurityEvent
from candidates.models import Candidate
from integrations.models import Attempt, Delivery, Endpoint, Off, SigningSecret, WebhookEvent
from integrations.outbound import endpoints, health, schedule, sending
from integrations.outbound.deliveries import prune, resend, resend_since, stop
from integrations.outbound.recording import record
from integrations.outbound.sending import Job, Outcome
from integrations.outbound.signing import headers_of
from integrations.outbound.worker import Worker
from tests.factories import UserFactory
from tests.integrations.conftest import add, make_endpoint
from tests.integrations.test_outbox import decided, finished, processing, staff

__all__ = ["staff"]

pytestmark = pytest.mark.django_db
State = Delivery.State
SOON = timedelta(days=30)


def sweep():
    return Worker(threads=8).sweep()


def only(endpoint):
    delivery = endpoint.deliveries.get()
    return delivery.state, delivery.failures


def again(delivery):
    """Its time has come."""
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now())
    Endpoint.objects.update(throttled_until=None)
    return sweep()


def test_what_arrives_is_signed_and_says_what_happened(hook, customer, meera, staff):
    finished(meera, staff)
    assert sweep() == 7
    bodies = sorted(customer.verified(hook.secret), key=lambda body: body["sequence"])
    assert [body["sequence"] for body in bodies] == [1, 2, 3, 4, 5, 6, 7]
    assert [body["type"] for body in bodies[-3:]] == [
        "case.status_changed", "case.completed", "report.ready",
    ]  # fmt: skip
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert Attempt.objects.filter(status=204).count() == 7
    hook.refresh_from_db()
    assert hook.last_success_at is not None


def test_a_body_has_the_keys_that_are_promised(hook, customer, meera, staff, settings):
    settings.APITOKENS_BASE_URL = "https://portal.example/"
    Candidate.objects.update(meta_data={"job": "42"})
    meera.refresh_from_db()
    finished(meera, staff)
    sweep()
    body = next(b for b in customer.verified(hook.secret) if b["type"] == "case.completed")
    completed = datetime.fromisoformat(body.pop("completed_date"))
    assert abs(completed - timezone.now()) < timedelta(minutes=5)
    assert abs(datetime.fromisoformat(body.pop("timestamp")) - completed) < timedelta(minutes=1)
    assert body == {
        "type": "case.completed", "event": "case.completed", "sequence": 6, "api_version": "1",
        "candidate_id": meera.pk, "overall_status_code": 1, "overall_status": "Completed",
        "idempotency_key": f"{meera.pk}:1", "name": "Meera Iyer",
        "email": "meera.iyer@example.in", "meta_data": {"job": "42"},
        "report_url": f"https://portal.example/candidates/{meera.pk}/report/",
    }  # fmt: skip


def test_a_thin_body_names_nobody(hook, customer, meera, staff):
    Endpoint.objects.update(is_thin=True)
    decided("closed")(meera, staff)
    sweep()
    for body in customer.verified(hook.secret):
        assert body.keys() == {
            "type", "event", "timestamp", "sequence", "api_version", "candidate_id",
            "overall_status_code", "overall_status", "idempotency_key",
        }  # fmt: skip
    assert "Meera" not in str(customer.got)


def test_the_largest_body_is_under_20_kb(hook, customer, admin, subtype):
    wide = "\U0001f9ff"
    meta = {"x": wide * ((4096 - 8) // 4)}
    add(admin, subtype, name=wide * 120, email=f"{'ä' * 242}@example.in", meta_data=meta)
    sweep()
    assert 10_000 < len(customer.got[0][2]) < 20_000
    assert customer.verified(hook.secret)[0]["meta_data"] == meta


def test_headers_say_who_asks_and_nothing_more(hook, customer, meera):
    sweep()
    headers = customer.got[0][1]
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "SV Portal"
    assert headers["webhook-id"] == WebhookEvent.objects.get().message_id
    assert not {"cookie", "authorization", "referer"} & headers.keys()


def test_a_cookie_of_a_receiver_is_not_brought_back(hook, customer, meera, staff):
    customer.answers["/"] = (200, {"Set-Cookie": "a=b"}, b"")
    sweep()
    decided("closed")(meera, staff)
    sweep()
    assert len(customer.got) == 4
    assert not any("cookie" in headers for _path, headers, _body in customer.got)


def test_the_known_vector_of_standard_webhooks_whatever_the_zone():
    at = datetime.fromtimestamp(1614265330, UTC)
    for zone in (UTC, fixed(timedelta(hours=5, minutes=30))):
        assert headers_of(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", at.astimezone(zone), '{"test": 2432232314}',
            ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        ) == {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500, 503])
def test_whatever_is_no_2xx_is_tried_again_under_the_same_id(hook, customer, meera, status):
    customer.answers["/"] = (status, {"Location": f"{customer.url}/elsewhere"}, b"no")
    sweep()
    assert only(hook) == ("pending", 1)
    delivery = Delivery.objects.get()
    assert delivery.next_attempt_at > timezone.now()
    assert sweep() == 0
    customer.answers["/"] = (200, {}, b"")
    again(delivery)
    assert only(hook) == ("delivered", 1)
    assert len(customer.ids()) == 2
    assert len(set(customer.ids())) == 1
    assert customer.ids("/elsewhere") == []
    stamps = [Attempt.objects.order_by("pk")[i].status for i in (0, 1)]
    assert stamps == [status, 200]


def test_the_schedule_is_ten_attempts_within_75_hours():
    assert len(schedule.WAITS) == 10
    assert sum(schedule.WAITS) == 75 * 3600 + 35 * 60 + 5
    for failures, wait in enumerate(schedule.WAITS[1:], 1):
        waits = [schedule.wait_after(failures).total_seconds() for _ in range(200)]
        assert wait * 0.8 <= min(waits) < wait * 0.87
        assert wait * 1.13 < max(waits) <= wait * 1.2
    assert schedule.wait_after(10) is None


NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), ("0", 0), ("999999999999999999999", 86400),
        ("Thu, 26 Nov 2026 12:05:00 GMT", 300), ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        (None, None), ("soon", None), ("-5", None), ("\u0661", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header, seconds):
    asked = schedule.retry_after(header, NOW)
    assert (asked and asked.total_seconds()) == seconds or (asked == timedelta(0) and seconds == 0)


def test_retry_after_is_honoured_up_to_a_day(hook, customer, meera):
    customer.answers["/"] = (503, {"Retry-After": "7200"}, b"")
    sweep()
    wait = Delivery.objects.get().next_attempt_at - timezone.now()
    assert timedelta(minutes=119) < wait <= timedelta(hours=2)
    assert schedule.wait_after(1, timedelta(days=9)) == timedelta(hours=24)
    assert schedule.wait_after(9, timedelta(seconds=1)) > timedelta(hours=19)


def test_ten_failures_end_it_and_the_admins_are_told_once(
    hook, customer, meera, admin, hr, other_admin
):
    customer.answers["/"] = (500, {}, b"broken")
    for _ in range(10):
        again(Delivery.objects.get())
    assert only(hook) == ("failed", 10)
    assert len(customer.got) == 10
    assert [letter.to for letter in mail.outbox] == [["admin@acme.test"]]
    assert mail.outbox[0].subject == f"The webhook {hook.title} fails"
    assert "500 Internal Server Error" in mail.outbox[0].body
    hook.refresh_from_db()
    assert hook.warned_at is not None
    assert hook.is_on
    resend(Delivery.objects.get())
    for _ in range(10):
        again(Delivery.objects.get())
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("status", [429, 502, 504])
def test_whoever_is_busy_is_left_alone_for_a_while(hook, customer, meera, staff, status):
    customer.answers["/"] = (status, {"Retry-After": "600"}, b"")
    sweep()
    hook.refresh_from_db()
    assert timedelta(minutes=9) < hook.throttled_until - timezone.now() <= timedelta(minutes=10)
    processing(meera, staff)
    assert sweep() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        customer.answers["/"] = (200, {}, b"")
        assert sweep() == 3


def test_410_switches_off_at_once_and_says_so(hook, customer, meera, admin, staff):
    customer.answers["/"] = (410, {}, b"")
    sweep()
    hook.refresh_from_db()
    assert hook.off_reason == Off.GONE
    processing(meera, staff)
    assert sweep() == 0
    assert [letter.subject for letter in mail.outbox] == [
        f"The webhook {hook.title} is switched off"
    ]


def outcome(endpoint, delivery, status, at):
    job = Job(delivery.pk, endpoint.pk, delivery.lease, endpoint.url, "msg_1", "{}", ())
    return Outcome(job, at, status=status)


def test_five_days_without_success_switch_off_but_never_without_a_warning(hook, meera, admin):
    start = timezone.now()
    delivery = Delivery.objects.get()

    def fails(days):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            record([outcome(hook, delivery, 500, timezone.now())])
        hook.refresh_from_db()
        return hook.is_on

    assert fails(0)
    assert fails(6)  # nobody knows of it yet
    Endpoint.objects.update(warned_at=start + timedelta(days=5, hours=12))
    assert fails(6)  # they do, since this morning
    Endpoint.objects.update(warned_at=start + timedelta(days=4))
    assert fails(4.9)
    assert not fails(5.1)
    assert hook.off_reason == Off.FAILING


def test_one_success_begins_the_five_days_anew(hook, meera):
    start, delivery = timezone.now(), Delivery.objects.get()
    Endpoint.objects.update(warned_at=start)
    for days, status in ((0, 500), (4, 200), (6, 500)):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            record([outcome(hook, delivery, status, timezone.now())])
    hook.refresh_from_db()
    assert hook.is_on
    assert hook.warned_at is None
    assert hook.failing_since == start + timedelta(days=6)


def test_a_mail_that_does_not_go_out_is_no_warning(hook, meera, admin, monkeypatch):
    from integrations.outbound import mail as ours

    def broken(*args, **kwargs):
        raise ConnectionRefusedError

    Endpoint.objects.update(failing_since=timezone.now())
    with monkeypatch.context() as patch:
        patch.setattr(ours, "send_mail", broken)
        ours.tell([health.Notice(hook, is_off=False)])
    hook.refresh_from_db()
    assert hook.warned_at is None
    ours.tell([health.Notice(hook, is_off=False)])
    hook.refresh_from_db()
    assert hook.warned_at


def test_a_receiver_that_hangs_is_left_in_time_and_another_is_served(
    hook, customer, acme, meera, monkeypatch
):
    monkeypatch.setattr(sending, "LIMITS", sending.Limits(0.4, 0.4, 4096, cuts=True))
    hanging = make_endpoint(acme, url=f"{customer.url}/hangs")
    give = endpoints.give_secret(hanging)
    customer.answers["/hangs"] = 2
    endpoints.send_test(endpoint=hanging, actor=meera.added_by, address=None)
    assert sweep() == 2
    assert only(hook) == ("delivered", 0)
    assert only(hanging) == ("pending", 1)
    assert Attempt.objects.get(delivery__endpoint=hanging).error == "timeout"
    assert customer.verified(give, "/hangs")


def test_no_more_than_4_kib_of_an_answer_are_read_and_one_is_kept(hook, customer, meera):
    customer.answers["/"] = (200, {"Content-Type": "text/plain"}, b"\x00" + b"x" * 1_000_000)
    sweep()
    answer = Attempt.objects.get().answer
    assert answer.startswith("HTTP 200 OK\ncontent-type: text/plain\n\n\ufffdxxx")
    assert len(answer) < 1200
    assert only(hook) == ("delivered", 0)


def test_a_connection_is_kept_for_the_next_message(hook, customer, admin, subtype):
    for _ in range(12):
        add(admin, subtype)
    sweep()
    assert len(customer.got) == 12
    assert customer.connections <= 4


def test_what_happens_while_it_is_off_is_kept_and_sent_afterwards(
    hook, customer, meera, admin, staff
):
    endpoints.switch_off(endpoint=hook, actor=admin, address=None)
    processing(meera, staff)
    assert sweep() == 0
    endpoints.switch_on(endpoint=hook, actor=admin, address=None)
    assert sweep() == 3
    assert len(customer.verified(hook.secret)) == 3


def test_a_company_that_is_switched_off_is_told_nothing(hook, customer, meera, acme):
    acme.is_active = False
    acme.save()
    assert sweep() == 0
    assert customer.got == []


def test_a_lease_keeps_others_away_until_it_ends(hook, customer, meera):
    from integrations.outbound.claiming import claim

    first = claim(8, 8)
    assert len(first) == 1
    assert claim(8, 8) == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        second = claim(8, 8)
        assert [job.message_id for job in second] == [first[0].message_id]
        record([Outcome(first[0], timezone.now(), status=500)])
        assert only(hook) == ("pending", 0)  # it is the second's now
        record([Outcome(first[0], timezone.now(), status=200)])
        assert only(hook) == ("delivered", 0)  # but what arrived has arrived


def test_an_endpoint_has_so_many_requests_under_way_and_one_that_fails_has_one(
    hook, admin, subtype, settings
):
    from integrations.outbound.claiming import claim

    settings.WEBHOOK_CONCURRENCY = 3
    for _ in range(9):
        add(admin, subtype)
    assert len(claim(8, 8)) == 3
    assert claim(8, 8) == []
    Delivery.objects.update(lease="", lease_until=None, next_attempt_at=timezone.now())
    Endpoint.objects.update(failing_since=timezone.now())
    assert claim(8, 0) == []
    assert len(claim(8, 8)) == 1
    assert claim(8, 8) == []


def test_two_secrets_sign_while_one_replaces_the_other(hook, customer, meera, admin, staff):
    new = endpoints.rotate(endpoint=hook, actor=admin, address=None, overlap=timedelta(hours=24))
    sweep()
    assert customer.verified(hook.secret)
    assert customer.verified(new)
    assert len(customer.got[0][1]["webhook-signature"].split(" ")) == 2
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        processing(meera, staff)
        sweep()
        headers, body = customer.got[-1][1:]
        Webhook(new).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(hook.secret).verify(body, headers)


@pytest.mark.parametrize("how", ["end now", "no overlap"])
def test_an_old_secret_can_be_ended_at_once(hook, customer, meera, admin, how):
    overlap = timedelta(0) if how == "no overlap" else timedelta(days=3)
    new = endpoints.rotate(endpoint=hook, actor=admin, address=None, overlap=overlap)
    if how == "end now":
        endpoints.end_old_secret(endpoint=hook, actor=admin, address=None)
    sweep()
    assert customer.verified(new)
    with pytest.raises(WebhookVerificationError):
        customer.verified(hook.secret)


def test_no_secret_signs_longer_than_a_week(hook, admin):
    endpoints.rotate(endpoint=hook, actor=admin, address=None, overlap=timedelta(days=400))
    old = hook.secrets.exclude(ends_at=None).get()
    assert old.ends_at - timezone.now() <= timedelta(days=7)


def test_each_endpoint_has_a_secret_of_its_own_of_32_random_bytes(acme, admin):
    import base64

    made = [
        endpoints.add_endpoint(
            company=acme, actor=admin, address=None, url=f"https://hooks.acme.test/{number}",
            events=["case.completed"], is_thin=False,
        )[1]
        for number in range(2)
    ]  # fmt: skip
    assert len(set(made)) == 2
    assert [len(base64.b64decode(text.removeprefix("whsec_"))) for text in made] == [32, 32]


def test_a_secret_is_encrypted_and_another_endpoints_is_none(hook, acme, meera, customer):
    row = hook.secrets.get()
    assert hook.secret not in row.encrypted
    assert row.text == hook.secret
    other = make_endpoint(acme, url=f"{customer.url}/other")
    SigningSecret.objects.create(endpoint=other, encrypted=row.encrypted)
    endpoints.send_test(endpoint=other, actor=meera.added_by, address=None)
    sweep()
    assert customer.ids("/other") == []
    assert Attempt.objects.get(delivery__endpoint=other).error == "secret"


def test_one_is_sent_again_under_its_id(hook, customer, meera):
    sweep()
    resend(Delivery.objects.get())
    sweep()
    assert len(customer.ids()) == 2
    assert len(set(customer.ids())) == 1


def test_all_since_a_moment_are_sent_again(hook, customer, meera, staff):
    finished(meera, staff)
    sweep()
    early = list(WebhookEvent.objects.order_by("pk")[:3].values_list("pk", flat=True))
    WebhookEvent.objects.filter(pk__in=early).update(at=timezone.now() - timedelta(days=2))
    Delivery.objects.filter(event__type="report.ready").update(state=State.FAILED)
    since = timezone.now() - timedelta(days=1)
    assert resend_since(hook, since, only_failed=True) == 1
    assert sweep() == 1
    assert resend_since(hook, since, only_failed=False) == 4
    assert resend_since(hook, since, only_failed=False) == 0  # they are on their way


def test_what_is_stopped_is_tried_no_more(hook, customer, meera):
    customer.answers["/"] = (500, {}, b"")
    sweep()
    delivery = Delivery.objects.get()
    stop(delivery)
    assert again(delivery) == 0
    assert only(hook)[0] == "stopped"


def test_a_deleted_endpoint_takes_all_of_its_own_along(hook, customer, meera, admin):
    from integrations.outbound.claiming import claim

    job = claim(8, 8)[0]
    endpoints.delete_endpoint(endpoint=hook, actor=admin, address=None)
    assert record([Outcome(job, timezone.now(), status=200)]) == []
    assert not Delivery.objects.exists()
    assert not SigningSecret.objects.exists()
    assert not Attempt.objects.exists()


def test_an_endpoint_that_goes_while_a_case_changes_stops_nobody(hook, meera):
    """The row that the outbox has read is gone when it writes: on PostgreSQL at COMMIT too."""
    from django.db import connection

    Delivery.objects.all().delete()
    event = WebhookEvent.objects.get()
    Delivery.objects.create(event=event, endpoint=Endpoint(pk=hook.pk + 1000))
    connection.check_constraints()
    assert sweep() == 0


def test_events_are_forgotten_after_30_days(hook, customer, meera, staff):
    processing(meera, staff)
    sweep()
    old = WebhookEvent.objects.order_by("pk").first()
    WebhookEvent.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    assert prune(dry_run=True) == 1
    assert prune() == 1
    assert WebhookEvent.objects.count() == Delivery.objects.count() == Attempt.objects.count() == 2


def test_each_act_on_an_endpoint_is_in_the_companys_history(hook, admin, acme):
    who = {"actor": admin, "address": "203.0.113.7"}
    endpoints.change_endpoint(endpoint=hook, **who, events=["case.completed"])
    endpoints.change_endpoint(endpoint=hook, **who, events=["case.completed"])
    endpoints.switch_off(endpoint=hook, **who)
    endpoints.switch_off(endpoint=hook, **who)
    endpoints.switch_on(endpoint=hook, **who)
    endpoints.switch_on(endpoint=hook, **who)
    endpoints.rotate(endpoint=hook, **who, overlap=timedelta(hours=24))
    endpoints.end_old_secret(endpoint=hook, **who)
    endpoints.end_old_secret(endpoint=hook, **who)
    endpoints.send_test(endpoint=hook, **who)
    endpoints.delete_endpoint(endpoint=hook, **who)
    lines = SecurityEvent.objects.for_company(acme).filter(kind="integration").order_by("pk")
    assert [line.data["act"] for line in lines] == [
        "webhook-changed", "webhook-off", "webhook-on", "webhook-rotated",
        "webhook-secret-ended", "webhook-tested", "webhook-deleted",
    ]  # fmt: skip
    assert {(line.actor_label, line.address) for line in lines} == {("Asha Rao", "203.0.113.7")}


def test_neither_secrets_nor_what_is_told_of_people_reach_a_log(
    hook, customer, meera, admin, acme, caplog, monkeypatch, settings
):
    """Whatever happens: taken, refused, hanging, unreachable, an error of ours."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(sending, "LIMITS", sending.Limits(0.3, 0.3, 4096, cuts=True))
    texts = [hook.secret]
    for path, answer in {"/500": (500, {}, b"Meera?"), "/hang": 1, "/gone": (410, {}, b"")}.items():
        other = make_endpoint(acme, url=f"{customer.url}{path}?token=tok3n")
        customer.answers[f"{path}?token=tok3n"] = answer
        texts.append(endpoints.give_secret(other))
    make_endpoint(acme, url="https://10.0.0.1/")
    for endpoint in Endpoint.objects.all():
        endpoints.send_test(endpoint=endpoint, actor=admin, address=None)
    add(admin, meera.case.subtype, name="Meera Secret")
    sweep()
    real = sending.post

    def broken(session, job, at):
        raise ZeroDivisionError(job.body, job.secrets)

    monkeypatch.setattr(sending, "post", broken)
    endpoints.send_test(endpoint=hook, actor=admin, address=None)
    sweep()
    assert Attempt.objects.filter(error="internal").exists()
    logged = caplog.text + "".join(str(vars(line)) for line in caplog.records)
    assert "ZeroDivisionError" in logged
    for text in [*texts, *(text[6:] for text in texts), "Meera", "example.in", "v1,"]:
        assert text not in logged
    assert real is not sending.post


def test_jobs_and_outcomes_show_no_secret_and_no_body():
    job = Job(1, 2, "lease", "https://x.test/", "msg_1", "the body", ("whsec_x",))
    text = repr(Outcome(job, timezone.now(), answer="the answer"))
    for hidden in ("the body", "whsec_x", "the answer"):
        assert hidden not in text


def test_admins_who_left_get_no_mail(hook, acme, admin):
    from integrations.outbound.mail import admins_of

    UserFactory(company=acme, is_active=False)
    UserFactory(company=acme, access_level=AccessLevel.HR)
    assert admins_of(hook) == [admin]
