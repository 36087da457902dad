"""What fails while a passkey's answer is read: a refusal, unless it is our database."""

import pytest
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError

from accounts.signin.forms import only_refusals


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_does_not_answer_is_no_wrong_passkey(error):
    with pytest.raises(error), only_refusals():
        raise error


def test_whatever_else_fails_is_a_refusal():
    with pytest.raises(ValidationError), only_refusals():
        raise KeyError("clientDataJSON")
