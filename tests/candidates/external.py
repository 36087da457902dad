"""What the tests of the external API say again and again."""

from copy import deepcopy

from candidates.models import Candidate, Case, LogEntry, Package

V1 = "/external/v1"
PACKAGES, ADD, DETAILS, ME = (
    f"{V1}/candidate/packages",
    f"{V1}/candidate/add",
    f"{V1}/candidate/details",
    f"{V1}/me",
)
ROTATE = f"{V1}/me/rotate"
CALLS = [("get", PACKAGES), ("post", ADD), ("get", DETAILS), ("get", ME)]

MEERA = {"name": "Meera Krishnan", "email": "meera@example.test", "phone": "9876543210"}


def body(subtype, package=None, **candidate):
    """A good body for ``candidate/add``, changed; a field that is ``...`` is left out."""
    given = {**deepcopy(MEERA), **candidate}
    fields = {name: value for name, value in given.items() if value is not ...}
    return {"candidate": fields, "package": {"subtype_id": subtype.pk, **(package or {})}}


def add(api, subtype, package=None, **candidate):
    return api.post(ADD, body(subtype, package, **candidate), format="json")


def paths(response):
    """The paths of a refusal, whose shape is checked on the way."""
    refusal = response.json()
    assert refusal.keys() == {"message", "errors"}, refusal
    assert isinstance(refusal["message"], str)
    assert refusal["message"]
    for error in refusal["errors"]:
        assert {"path", "msg"} <= error.keys() <= {"path", "msg", "code", "candidate_id"}
        assert isinstance(error["msg"], str)
        assert error["msg"]
    return [error["path"] for error in refusal["errors"]]


def assert_refused(response, status, *expected):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert paths(response) == list(expected)


def assert_nothing_written(credits=1000):
    assert not Candidate.objects.exists()
    assert not Case.objects.exists()
    assert not LogEntry.objects.exists()
    assert set(Package.objects.values_list("credits", flat=True)) <= {credits}
