"""What the API's parser and the validators do with any input."""

import json
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apitokens.api.bodies import BadBody, parsed
from candidates import validators

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_any_body_is_an_object_or_a_problem(content):
    try:
        value = parsed(content)
    except BadBody:
        return
    assert isinstance(value, dict)


@given(st.dictionaries(st.text(), VALUES, max_size=3))
def test_any_object_without_bad_characters_is_read_as_it_is(value):
    text = json.dumps(value)
    if "\\u0000" in text or "\\ud" in text:
        return
    assert parsed(text.encode()) == value


@pytest.mark.parametrize(
    "check",
    [validators.validate_person_name, validators.validate_mobile, validators.validate_uan,
     validators.validate_https_url, validators.validate_plain_text],
)  # fmt: skip
@given(text=st.text())
def test_a_validator_refuses_with_a_validation_error_and_nothing_else(check, text):
    with suppress(ValidationError):
        check(text)
