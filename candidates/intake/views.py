"""What a candidate sees; no account, no session."""

from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.generic import View

from candidates.intake.links import read_link
from candidates.models import Candidate


class Start(View):
    """Who asks, what will be verified, and that nothing needs doing yet."""

    def get(self, request, token):
        candidate = self.candidate(token)
        response = self.welcome(candidate) if candidate else self.refuse()
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def candidate(self, token):
        uuid = read_link(token)
        rows = Candidate.objects.select_related("company", "case__subtype")
        return uuid and rows.filter(uuid=uuid, company__is_active=True).first()

    def welcome(self, candidate):
        context = {"candidate": candidate, "checks": candidate.case.subtype.checks.all()}
        return render(self.request, "intake/start.html", context)

    def refuse(self):
        return render(self.request, "intake/refused.html", status=404)
