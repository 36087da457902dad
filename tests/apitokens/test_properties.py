"""What holds for any input, not only for those that somebody thought of."""

from unicodedata import category
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apitokens.exceptions import InvalidToken
from apitokens.models import canonical_name
from apitokens.services import clean_name
from apitokens.signing import Claims, decode_jti, encode_jti
from tests.apitokens.test_signing import NEVER_ENDING, signer

SECONDS = st.integers(min_value=0, max_value=2**40)


@given(st.uuids(), SECONDS, st.none() | SECONDS)
def test_every_token_is_read_as_it_was_signed(jti, issued_at, expires_at):
    claims = Claims("2026-11", jti, issued_at, expires_at)
    assert signer().read(signer().sign(claims)) == claims


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_a_jti_has_one_spelling(number):
    jti = UUID(int=number)
    assert len(encode_jti(jti)) == 22
    assert decode_jti(encode_jti(jti)) == jti


@given(st.text(max_size=200))
def test_any_text_is_refused_with_invalid_token_and_nothing_else(text):
    with pytest.raises(InvalidToken):
        signer().read(text)


@given(st.data())
def test_a_good_token_with_any_one_character_changed_is_refused(data):
    token = signer().sign(NEVER_ENDING)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))
    with pytest.raises(InvalidToken):
        signer().read(token[:place] + other + token[place + 1 :])


@given(st.text(max_size=80))
def test_any_name_is_either_kept_visible_and_short_or_refused(name):
    try:
        cleaned = clean_name(name)
    except ValidationError:
        return
    assert cleaned == name.strip()
    assert 0 < len(cleaned) <= 64
    assert 0 < len(canonical_name(cleaned)) <= 255
    assert not any(category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in cleaned)
