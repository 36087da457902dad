"""The calls of the external API, version 2: errors name ``field`` and ``error``."""

from django.core.exceptions import ValidationError
from django.http import Http404
from rest_framework.response import Response

from apitokens.attribution import actor_of
from candidates.exceptions import FormIncomplete, NotAllowedNow
from candidates.external import docs_v2
from candidates.external.base import ExternalView
from candidates.external.errors import INVALID, Fault, Problem
from candidates.external.scopes import WRITE
from candidates.external.serializers_v2 import PLACES, SubmitInput, id_of
from candidates.services.answers import STEPS, clean
from candidates.services.verification import submit_whole
from candidates.visibility import visible_candidates


class SubmitBgv(ExternalView):
    """The whole verification form of one candidate, at once: all of it or nothing."""

    required_scopes = [WRITE]
    error_keys = docs_v2.KEYS

    @docs_v2.submit_bgv
    def post(self, request):
        candidate = self._candidate(id_of(request.data))
        given = SubmitInput(data=request.data)
        given.is_valid(raise_exception=True)
        answers = given.answers()
        if faults := [fault for name in answers for fault in faults_of(name, answers[name])]:
            raise Problem(INVALID, *faults)
        try:
            case = submit_whole(
                candidate=candidate, answers=answers, documents=given.documents(),
                consent_url=given.consent_url, actor=actor_of(request),
            )  # fmt: skip
        except FormIncomplete as error:
            missing = [Fault(".".join(PLACES[s.name]), docs_v2.NEEDED) for s in error.steps]
            raise Problem(INVALID, *missing) from error
        except NotAllowedNow as error:
            raise Problem(docs_v2.SUBMITTED, status=409) from error
        data = {
            "candidate_id": candidate.pk,
            "overall_status": case.get_status_display(),
            "overall_status_code": case.status,
        }
        return Response({"message": docs_v2.DONE, "data": data})

    def _candidate(self, pk):
        rows = visible_candidates(self.request.user).select_related("case")
        candidate = rows.filter(pk=pk).first()
        if candidate is None:
            raise Http404
        return candidate


def faults_of(name, answers):
    """What is wrong with fields that are good by themselves, with their places in the body."""
    try:
        clean(STEPS[name], answers)
    except ValidationError as error:
        place = ".".join(PLACES[name])
        for field, messages in error.message_dict.items():
            yield from (Fault(f"{place}.{field}", message) for message in messages)
