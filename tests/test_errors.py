"""What a person and a program see when something breaks."""

import json
from urllib.parse import urlencode

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError

from svportal.errors import server_error


def answer_to(error, request):
    try:
        raise error
    except (OperationalError, InterfaceError, ValueError):
        return server_error(request)


@pytest.mark.parametrize("error", [OperationalError("down"), InterfaceError("closed")])
def test_a_database_that_does_not_answer_is_503_with_retry_after(rf, error):
    page = answer_to(error, rf.get("/candidates/"))
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert "Not available right now" in page.content.decode()
    api = answer_to(error, rf.get("/external/v1/me"))
    assert (api.status_code, api["Retry-After"]) == (503, "2")
    message = "Unavailable for a moment. Please try again."
    assert json.loads(api.content) == {"message": message, "errors": []}


def test_any_other_fault_is_500(rf):
    page = answer_to(ValueError("secret detail"), rf.get("/candidates/"))
    assert page.status_code == 500
    assert "Something went wrong here" in page.content.decode()
    assert "secret detail" not in page.content.decode()


@pytest.mark.parametrize(
    ("form", "taken"),
    [
        ({"name": "x" * 1_000_000}, True),
        ({"name": "x" * 1_048_576}, False),
        (dict.fromkeys(range(1000), ""), True),
        (dict.fromkeys(range(1001), ""), False),
    ],
    ids=["large", "too large", "many fields", "too many fields"],
)
def test_a_form_has_at_most_a_mebibyte_and_a_thousand_fields(rf, form, taken):
    """What is raised becomes 400."""
    request = rf.post("/", urlencode(form), content_type="application/x-www-form-urlencoded")
    if taken:
        assert len(request.POST) == len(form)
    else:
        with pytest.raises(SuspiciousOperation):
            _ = request.POST
