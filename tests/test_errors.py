"""What a person and a program see when something breaks."""

import json

import pytest
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
