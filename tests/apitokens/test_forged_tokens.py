"""security.md A: whatever is wrong with form or signature, the answer is one and the same."""

import base64
import json
import time
import zlib

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from apitokens.exceptions import InvalidToken
from apitokens.signing import get_signer
from tests.apitokens.conftest import (
    assert_bearer_failure,
    claims_in,
    forge,
    good_header,
    key,
    segment,
    sign_bytes,
)

pytestmark = pytest.mark.django_db


def test_the_forger_of_these_tests_can_make_a_good_token(present, jwt, claims):
    assert forge(payload=claims) == jwt
    assert present(forge(payload=claims)).status_code == 200


ALGORITHMS = ["none", "None", "NONE", "nOnE", "none ", "", None, ..., [], ["HS256"], 256, {}, True]
OTHER_ALGORITHMS = ["HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "hs256", "HS256 "]


@pytest.mark.parametrize("algorithm", ALGORITHMS + OTHER_ALGORITHMS, ids=repr)
def test_an_alg_other_than_the_kids_is_refused(present, claims, algorithm):
    header = segment(good_header(alg=algorithm))
    for signature in ("", sign_bytes(f"{header}.{segment(claims)}")):
        assert_bearer_failure(present(f"{header}.{segment(claims)}.{signature}"))


KIDS = [
    ..., None, 7, [], {}, True, "", "unknown", "../../etc/passwd", "/dev/null", "k1' OR '1'='1",
    "a\u0000b", "a\r\nX: y", "k" * 4096, "\u202e", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("kid", KIDS, ids=lambda kid: ascii(kid)[:20])
def test_a_kid_that_is_not_ours_is_refused(present, claims, kid):
    assert_bearer_failure(present(forge(good_header(kid=kid), claims)))


EXTRA_MEMBERS = [
    {"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"b64": False},
    {"b64": True}, {"jku": "http://127.0.0.1:9/keys"}, {"x5u": "http://127.0.0.1:9/cert"},
    {"x5c": ["MIIB"]}, {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, {"zip": "DEF"}, {"cty": "JWT"},
    {"enc": "A256GCM"}, {"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": ...}, {"typ": "APITOKEN+JWT"},
]  # fmt: skip


@pytest.mark.parametrize("members", EXTRA_MEMBERS, ids=str)
def test_any_other_header_is_refused_even_under_the_right_key(present, claims, members):
    assert_bearer_failure(present(forge(good_header(**members), claims)))


def test_the_header_members_stand_in_one_order_only(present, claims):
    reordered = dict(sorted(good_header().items()))
    assert_bearer_failure(present(forge(reordered, claims)))


def broken_signatures(token):
    head, payload, signature = token.split(".")
    bits = base64.urlsafe_b64decode(signature + "=")
    flipped = bytes([bits[0] ^ 1]) + bits[1:]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = alphabet[alphabet.index(signature[-1]) ^ 1]
    yield "empty", f"{head}.{payload}."
    yield "truncated", token[:-4]
    yield "extended", token + "AAAA"
    yield "bit flipped", f"{head}.{payload}.{segment(flipped)}"
    yield "padded", token + "="
    yield "non-zero spare bits", f"{head}.{payload}.{signature[:-1]}{spare}"
    yield "signature of something else", f"{head}.{payload}.{sign_bytes('x.y')}"
    yield "all zero", f"{head}.{payload}.{segment(bytes(32))}"
    yield "standard alphabet", f"{head}.{payload}.{signature[:-2]}+/"
    yield "white space inside", f"{head}.{payload}. {signature}"
    yield "trailing newline", token + "\n"


def test_a_signature_that_is_not_exactly_ours_is_refused(present, jwt):
    for what, token in broken_signatures(jwt):
        if what == "trailing newline":  # a header value can't hold it; the reader must refuse it
            with pytest.raises(InvalidToken):
                get_signer().read(token)
            continue
        assert_bearer_failure(present(token)), what


@pytest.mark.parametrize("what", ["empty", "one", "two", "four", "five", "dots"])
def test_anything_but_three_segments_is_refused(present, jwt, what):
    head, payload, signature = jwt.split(".")
    shapes = {
        "empty": "",
        "one": head,
        "two": f"{head}.{payload}",
        "four": f"{jwt}.{signature}",
        "five": f"{head}..{payload}..{signature}",
        "dots": "..",
    }
    assert_bearer_failure(present(shapes[what]))


def test_the_payload_cannot_change_under_an_old_signature(present, jwt, claims):
    head, _, signature = jwt.split(".")
    changed = segment({**claims, "iat": claims["iat"] + 1})
    assert_bearer_failure(present(f"{head}.{changed}.{signature}"))


def test_json_serialisation_is_refused(present, jwt):
    head, payload, signature = jwt.split(".")
    general = {"payload": payload, "signatures": [{"protected": head, "signature": signature}]}
    flattened = {"payload": payload, "protected": head, "signature": signature}
    for document in (general, flattened):
        assert_bearer_failure(present(json.dumps(document)))


def public_keys():
    rsa = generate_private_key(65537, 2048).public_key()
    ed = Ed25519PrivateKey.generate().public_key()
    formats, encodings = serialization.PublicFormat, serialization.Encoding
    yield rsa.public_bytes(encodings.PEM, formats.SubjectPublicKeyInfo)
    yield rsa.public_bytes(encodings.DER, formats.SubjectPublicKeyInfo)
    yield rsa.public_bytes(encodings.OpenSSH, formats.OpenSSH)
    yield ed.public_bytes(encodings.PEM, formats.SubjectPublicKeyInfo)
    yield ed.public_bytes(encodings.Raw, formats.Raw)
    yield json.dumps(pyjwt.algorithms.RSAAlgorithm.to_jwk(rsa)).encode()


def test_a_public_key_is_no_hmac_secret(present, claims):
    for public in public_keys():
        assert_bearer_failure(present(forge(payload=claims, secret=public)))


WEAK = ["", "secret", "password", "changeme", "development", "your-256-bit-secret", "svportal"]


@pytest.mark.parametrize("secret", WEAK)
def test_a_weak_or_guessed_secret_opens_nothing(present, claims, secret, settings):
    assert_bearer_failure(present(forge(payload=claims, secret=secret)))
    assert_bearer_failure(present(forge(payload=claims, secret=settings.SECRET_KEY)))


def hostile_payloads(claims):
    text = json.dumps(claims, separators=(",", ":"))
    yield "duplicate claim", text[:-1] + f',"jti":"{claims["jti"]}"}}'
    yield "spaces", json.dumps(claims)
    yield "array", "[]"
    yield "string", '"x"'
    yield "number", "1"
    yield "null", "null"
    yield "nothing", ""
    yield "no JSON", "{"
    yield "NaN", text.replace(str(claims["iat"]), "NaN")
    yield "5,000 digits", text.replace(str(claims["iat"]), "9" * 2500)
    yield "deep", '{"a":' + "[" * 1200 + "]" * 1200 + "}"
    yield "BOM", "\ufeff" + text
    yield "one claim more", text[:-1] + ',"sub":"1"}'


def test_a_payload_that_is_not_ours_to_the_byte_is_refused_under_the_right_key(present, claims):
    for what, payload in hostile_payloads(claims):
        assert_bearer_failure(present(forge(payload=payload.encode()))), what


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_payload_in_another_encoding_is_refused(present, claims, encoding):
    assert_bearer_failure(present(forge(payload=json.dumps(claims).encode(encoding))))


def test_a_payload_that_is_no_utf_8_is_refused(present):
    assert_bearer_failure(present(forge(payload=b'{"jti":"\xff\xfe"}')))


@pytest.mark.parametrize("header", [b"[]", b'"x"', b"1", b"null", b"", b"{", b"\xff", b"[" * 1500])
def test_a_header_that_is_no_object_is_refused(present, claims, header):
    assert_bearer_failure(present(forge(header, claims)))


def test_a_nested_or_compressed_or_encrypted_token_is_refused(present, jwt, claims):
    packed = zlib.compress(json.dumps(claims).encode())
    for token in (
        forge(good_header(cty="JWT"), jwt.encode()),
        forge(good_header(zip="DEF"), packed),
        forge(payload=packed),
        f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}..aaaa.bbbb.cccc",
    ):
        assert_bearer_failure(present(token))


@pytest.mark.parametrize("length", [4097, 100_000])
def test_a_token_over_4096_characters_is_refused_before_any_decoding(jwt, length):
    with pytest.raises(InvalidToken, match="too-long"):
        get_signer().read(jwt + "A" * (length - len(jwt)))


def test_no_refusal_takes_250_ms(present, claims):
    deep = forge(payload=b'{"a":' + b"[" * 1400 + b"]" * 1400 + b"}")
    for token in ("x" * 4096, "." * 4096, f"{'A' * 1300}." * 3, deep):
        assert min(seconds_to_refuse(present, token) for _ in range(3)) < 0.25


def seconds_to_refuse(present, token):
    start = time.perf_counter()
    assert_bearer_failure(present(token))
    return time.perf_counter() - start


def test_the_token_is_never_echoed(present, jwt):
    for token in (jwt[:-1], "a.b.c" * 9):
        assert_bearer_failure(present(token), secret=token)


def test_what_a_good_token_says_is_only_what_the_row_froze(jwt, token):
    claims = claims_in(jwt)
    assert list(claims) == ["iss", "aud", "jti", "iat"]
    assert token.name not in json.dumps(claims)
    assert list(pyjwt.get_unverified_header(jwt)) == ["typ", "alg", "kid"]
    assert pyjwt.get_unverified_header(jwt)["kid"] == key()["kid"]
