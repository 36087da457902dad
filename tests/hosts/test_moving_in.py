"""Projects that live on another package's tokens move in, and nobody is logged out."""

import pytest

from tests.hosts.hosts import run

KNOX, API_KEY = "knox", "rest_framework_api_key"


@pytest.mark.parametrize(
    ("old", "requirements", "variables"),
    [
        ("authtoken", (), {}),
        (KNOX, ("django-rest-knox",), {}),
        (KNOX, ("django-rest-knox",), {"KNOX_HASH": "sha3_512"}),
        (KNOX, ("django-rest-knox==4.2.0",), {}),
        (API_KEY, ("djangorestframework-api-key",), {}),
        (API_KEY, ("djangorestframework-api-key==2.3.0",), {}),
    ],
)
def test_a_project_moves_in_with_its_tokens_in_use(old, requirements, variables):
    walked = run("oldways", requirements=requirements, OLD=old, **variables)
    assert walked.endswith("walked\n")
