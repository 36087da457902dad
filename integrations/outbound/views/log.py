"""One endpoint: what was sent there and what it answered, sent again or stopped."""

from datetime import timedelta

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.pages.base import PagedByKey
from candidates.pages.paging import paginate
from integrations.outbound import deliveries
from integrations.outbound.endpoints import send_test
from integrations.outbound.forms import LogFilter, ResendForm
from integrations.outbound.lines import Line
from integrations.outbound.status import badge_of, median_of, rows_of
from integrations.outbound.views.base import Act, WebhookPage
from integrations.outbound.wording import failure_in_words

EXAMPLES = {"Python": "verify_webhook.py", "JavaScript": "verify_webhook.mjs"}


class EndpointPage(PagedByKey, WebhookPage):
    template_name = "integrations/webhooks/endpoint.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        endpoint, narrowed = self.endpoint, LogFilter(self.request.GET)
        rows = narrowed.narrow(endpoint.deliveries.select_related("event"))
        page = paginate(rows.prefetch_related("attempts"), self.cursor)
        secrets = list(endpoint.secrets.all())
        now = timezone.now()
        return super().get_context_data(
            endpoint=endpoint,
            badge=badge_of(endpoint),
            failure=failure_in_words(endpoint.last_failure),
            row=rows_of([endpoint])[0],
            median=median_of(endpoint),
            lines=[Line(delivery, endpoint) for delivery in page.rows],
            filter=narrowed,
            is_narrowed=bool(narrowed.query),
            current=next((secret for secret in secrets if secret.ends_at is None), None),
            old=next((s for s in secrets if s.ends_at is not None and s.ends_at > now), None),
            previous_url=page.previous and self.address(narrowed, page.previous),
            next_url=page.next and self.address(narrowed, page.next),
            **kwargs,
        )

    def address(self, narrowed, cursor):
        page = reverse("webhooks:endpoint", args=[self.endpoint.pk])
        return f"{page}?{urlencode({**narrowed.query, **cursor})}"


class SendTest(Act):
    def post(self, request, pk):
        if refused := ratelimit.consume_or_429(request, action="webhook_test"):
            return refused
        send_test(endpoint=self.endpoint, **self.acting)
        if not self.endpoint.is_on:
            return self.done(_("The test is kept until the endpoint is switched on."))
        return self.done(_("A test is on its way. Look again in a moment."))


class OfDelivery(Act):
    """A button beside one delivery."""

    @property
    def delivery(self):
        rows = self.endpoint.deliveries.select_related("endpoint")
        return get_object_or_404(rows, pk=self.kwargs["delivery_pk"])


class Resend(OfDelivery):
    def post(self, request, pk, delivery_pk):
        deliveries.resend(self.delivery)
        return self.done(_("It is on its way again, under the same webhook-id."))


class Stop(OfDelivery):
    def post(self, request, pk, delivery_pk):
        deliveries.stop(self.delivery)
        return self.done(_("It is not tried any more."))


class ResendSince(WebhookPage):
    template_name = "integrations/webhooks/resend.html"

    def get(self, request, pk):
        since = timezone.localtime().replace(second=0, microsecond=0) - timedelta(days=1)
        return self.render(endpoint=self.endpoint, form=ResendForm(initial={"since": since}))

    def post(self, request, pk):
        form = ResendForm(request.POST)
        if not form.is_valid():
            return self.render(400, endpoint=self.endpoint, form=form)
        since = form.cleaned_data["since"]
        count = deliveries.resend_since(self.endpoint, since, only_failed=form.only_failed)
        text = ngettext("%d message is on its way again.", "%d messages are on their way again.",
                        count)  # fmt: skip
        return self.done(text % count)


class HowToVerify(WebhookPage):
    """The verifiers of docs/examples, as they are run by the tests."""

    template_name = "integrations/webhooks/verify.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        folder = settings.BASE_DIR / "docs" / "examples"
        try:
            examples = {name: (folder / file).read_text("utf-8") for name, file in EXAMPLES.items()}
        except FileNotFoundError as error:
            raise Http404 from error
        return super().get_context_data(examples=examples, **kwargs)
