"""The calls of the external API, version 1."""

from django.http import Http404
from rest_framework.response import Response

from apitokens.api.views import MeView, RotateMeView
from apitokens.attribution import actor_of
from candidates.external import docs
from candidates.external.base import ExternalView
from candidates.external.errors import INVALID, Fault, Problem
from candidates.external.idempotency import answered
from candidates.external.paging import cursor_after, keys_of, paging_of
from candidates.external.query import MAXIMUM_EMAIL, MAXIMUM_ID, whole
from candidates.external.scopes import READ, WRITE
from candidates.external.serializers import AddInput
from candidates.external.shapes import CandidateShape, CatalogueShape, MeShape, catalogue_of
from candidates.intake.links import bgv_url
from candidates.intake.mail import base_url_of, invite_on_commit
from candidates.services.add import add_candidate
from candidates.visibility import visible_candidates


class Packages(ExternalView):
    required_scopes = [READ]

    @docs.packages
    def get(self, request):
        return Response({"data": CatalogueShape(catalogue_of(self.company)).data})


class Add(ExternalView):
    required_scopes = [WRITE]

    @docs.add
    def post(self, request):
        return answered(request, self._add, self.error_keys)

    def _add(self):
        """The new candidate, and what is said of it."""
        request = self.request
        given = AddInput(data=request.data, context={"company": self.company})
        given.is_valid(raise_exception=True)
        candidate = add_candidate(
            company=self.company, actor=actor_of(request), **given.arguments()
        )
        if given.wants_mail:
            invite_on_commit(candidate, actor_of(request), base_url_of(request))
        data = {
            "candidate_id": candidate.pk,
            "bgv_url": request.build_absolute_uri(bgv_url(candidate)),
            "meta_data": candidate.meta_data,
        }
        return candidate, {"message": "Candidate added successfully", "data": data}


class Details(ExternalView):
    required_scopes = [READ]

    @docs.details
    def get(self, request):
        paging = paging_of(self.query, self.company)
        one = self.query.keys() & {"candidate_id", "email"}
        return Response({"success": True, **(self._one() if one else self._page(paging))})

    @property
    def shape_context(self):
        return {"request": self.request}

    def _one(self):
        """The newest that fits what was asked."""
        candidate = self._asked_for().for_list().order_by("-pk").first()
        if candidate is None:
            raise Http404
        return {"data": CandidateShape(candidate, context=self.shape_context).data}

    def _asked_for(self):
        candidates = visible_candidates(self.request.user)
        if "candidate_id" in self.query:
            pk = whole(self.query, "candidate_id", least=0, most=MAXIMUM_ID, default=0)
            candidates = candidates.filter(pk=pk)
        if "email" in self.query:
            candidates = candidates.filter(email__iexact=self._email())
        return candidates

    def _email(self):
        email = self.query["email"]
        if not 0 < len(email) <= MAXIMUM_EMAIL:
            raise Problem(INVALID, Fault("email", "Send an e-mail address."))
        return email

    def _page(self, paging):
        """Newest first. Whoever counts by offset is given no cursor."""
        candidates = visible_candidates(self.request.user)
        keys, more = keys_of(paging, candidates)
        rows = candidates.filter(pk__in=keys).for_list().order_by("-pk") if keys else []
        answer = {"data": CandidateShape(rows, many=True, context=self.shape_context).data}
        if paging.offset is None:
            answer["next_cursor"] = cursor_after(keys[-1], self.company) if more else None
        return answer


class Me(ExternalView, MeView):
    """The token describes itself, with the company whose data it reaches."""

    required_scopes = []
    serializer_class = MeShape

    @docs.me
    def get(self, request):
        return super().get(request)


class RotateMe(ExternalView, RotateMeView):
    """The token rotates itself."""

    required_scopes = RotateMeView.required_scopes
    parser_classes = RotateMeView.parser_classes

    @docs.rotate_me
    def post(self, request):
        return super().post(request)
