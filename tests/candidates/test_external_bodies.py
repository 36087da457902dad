"""Bodies that are no JSON, too large, too deep or not storable (security.md H)."""

import io
import json
from time import process_time

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client

from apitokens.api.bodies import MAXIMUM_BYTES, MAXIMUM_DEPTH, check_depth
from candidates.models import Candidate
from svportal.handlers import PortalWSGIHandler
from tests.candidates.external import ADD, PACKAGES, assert_nothing_written, assert_refused, body

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def send(jwt):
    """POST raw bytes to ``candidate/add``."""
    client = Client(headers={"authorization": f"Bearer {jwt}"})

    def send(content, content_type=JSON, **environ):
        return client.generic("POST", ADD, content, content_type, **environ)

    return send


@pytest.fixture
def serve(jwt):
    """Call the WSGI application itself: (status, JSON) for a stream and any environ."""

    def serve(stream, **environ):
        environ = {
            "REQUEST_METHOD": "POST", "PATH_INFO": ADD, "CONTENT_TYPE": JSON, "SERVER_PORT": "80",
            "SERVER_NAME": "localhost", "wsgi.url_scheme": "http", "wsgi.input": stream,
            "wsgi.errors": io.StringIO(), "HTTP_AUTHORIZATION": f"Bearer {jwt}", **environ,
        }  # fmt: skip
        answers = []
        content = PortalWSGIHandler()(environ, lambda status, headers: answers.append(status))
        return int(answers[0].split()[0]), json.loads(b"".join(content))

    # As the test client does: a new request would end the test's own transaction.
    request_started.disconnect(close_old_connections)
    yield serve
    request_started.connect(close_old_connections)


class Counting(io.BytesIO):
    """A stream that knows how much of it was read."""

    taken = 0

    def read(self, size=-1):
        content = super().read(size)
        self.taken += len(content)
        return content


class Broken(io.BytesIO):
    def read(self, size=-1):
        raise OSError("connection reset")


def good(subtype, **fields):
    return json.dumps(body(subtype, **fields)).encode()


@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"{", b"}", b"{]", b"nul", b"{'a': 1}", b'{"a": 1,}', b'{"a" 1}', b'{"a": 01}',
     b'{"a": "\n"}', b'{"a": "\\x"}', b'{"a": 1} x', b'{"a": 1}{"b": 2}', b"\x00",
     b'{"a": "\x00"}',
     b'"' + b'\\"' * 400_000, b'{"a": "' + b"\\" * 400_001, b"//",
     b'{"a": 1 /* c */}', b'{"a": +1}',
     b'{"a": .5}', b'{"a": 0x1}', b"candidate=1&package=2"],
)  # fmt: skip
def test_malformed_json_is_400_and_quick(send, content):
    started = process_time()
    assert_refused(send(content), 400)
    assert process_time() - started < 0.5
    assert_nothing_written()


@pytest.mark.parametrize("content", [b"[]", b"[{}]", b'"x"', b"1", b"true", b"null", b"-0.5"])
def test_the_top_level_must_be_an_object(send, content):
    assert_refused(send(content), 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 5000])
def test_numbers_that_json_or_the_database_do_not_know_are_400(send, subtype, number):
    content = good(subtype, meta_data={"n": 0}).replace(b'{"n": 0}', b'{"n": %s}' % number.encode())
    assert_refused(send(content), 400)
    assert_nothing_written()


@pytest.mark.parametrize(
    "content",
    [b'{"candidate": {}, "candidate": {}}', b'{"a": {"candidate": 1, "candidate": 1}}',
     b'{"candidate": 1, "c\\u0061ndidate": 2}'],
)  # fmt: skip
def test_a_member_named_twice_is_refused_by_its_name(send, content):
    assert_refused(send(content), 400, "candidate")


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-8-sig", "latin-1", "rot13", "x", "",
                                     "base64", "utf-7", "a\\b"])  # fmt: skip
def test_another_charset_is_400(send, subtype, charset):
    assert_refused(send(good(subtype), f"{JSON}; charset={charset}"), 400)


@pytest.mark.parametrize(
    "content_type",
    [JSON, "Application/JSON", f"{JSON};charset=utf-8", f'{JSON}; charset="UTF-8"', f"{JSON}; v=1",
     f"{JSON}; charset=utf8; x=y", ""],
)  # fmt: skip
def test_json_in_utf_8_is_taken_with_any_parameters(send, subtype, content_type):
    assert send(good(subtype), content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "x",
     "text/json", "application/xml", "application/jsonx", "application/vnd.api+json", "*/*", ";",
     "application/octet-stream", "multipart/form-data"],
)  # fmt: skip
def test_another_media_type_is_415(send, subtype, content_type):
    assert_refused(send(good(subtype), content_type), 415)
    assert_nothing_written()


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1"]
)
def test_what_is_not_plain_utf_8_is_400(send, subtype, encoding):
    content = json.dumps(body(subtype, name="Zoë"), ensure_ascii=False).encode(encoding)
    assert_refused(send(content), 400)


@pytest.mark.parametrize("content", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_broken_utf_8_is_400(send, subtype, content):
    assert_refused(send(good(subtype, name="@@").replace(b"@@", content)), 400)


@pytest.mark.parametrize("bad", ["\x00", "a\x00", "\ud800", "x\udc00y", "\udc00\ud800"])
@pytest.mark.parametrize(
    ("fields", "path"),
    [(lambda bad: {"name": f"A{bad}"}, "candidate.name"),
     (lambda bad: {"employee_id": bad}, "candidate.employee_id"),
     (lambda bad: {"meta_data": {"a": {"b": [0, {"c": bad}]}}}, "candidate.meta_data.a.b[1].c"),
     (lambda bad: {"nobody_reads_it": bad}, "candidate.nobody_reads_it")],
)  # fmt: skip
def test_nul_and_lone_surrogates_are_refused_by_path(send, subtype, fields, path, bad):
    assert_refused(send(good(subtype, **fields(bad))), 400, path)
    assert_nothing_written()


@pytest.mark.parametrize(("bad", "shown"), [("\x00", "\\u0000"), ("\ud83d", "\\ud83d")])
def test_names_of_members_are_checked_too_and_shown_escaped(send, subtype, bad, shown):
    response = send(good(subtype, meta_data={f"k{bad}": 1}))
    assert_refused(response, 400, f"candidate.meta_data.k{shown}")
    assert_refused(send(json.dumps({bad: 1}).encode()), 400, shown)


def test_a_pair_of_surrogates_is_a_character(send, subtype):
    content = good(subtype, meta_data={"k": "😀"})
    assert b"\\ud83d\\ude00" in content
    assert send(content).json()["data"]["meta_data"] == {"k": "😀"}


def test_a_long_member_name_is_not_thrown_back(send):
    response = send(json.dumps({"x" * 100_000: "\x00"}).encode())
    assert response.status_code == 400
    assert len(response.content) < 1000


def test_a_million_faults_make_a_short_answer(send):
    response = send(json.dumps({"a": ["\x00"] * 100_000}).encode())
    assert response.status_code == 400
    assert len(response.json()["errors"]) == 20


def nested(levels, open_="[", close="]"):
    return b'{"a": %s0%s}' % ((open_ * levels).encode(), (close * levels).encode())


def test_depth_32_is_parsed_and_33_is_not(send):
    assert_refused(send(nested(MAXIMUM_DEPTH - 1)), 400, "candidate", "package")
    assert_refused(send(nested(MAXIMUM_DEPTH)), 400)


@pytest.mark.parametrize("levels", [100, 1_000, 100_000])
@pytest.mark.parametrize(("open_", "close"),
                         [("[", "]"), ('{"a":', "}"), ("[", ""), ('[{"a":', "")])  # fmt: skip
def test_deep_bodies_are_400_and_never_500(send, levels, open_, close):
    assert_refused(send(nested(levels, open_, close)), 400)


def test_a_deep_body_that_slipped_through_the_count_is_400(send, monkeypatch):
    monkeypatch.setattr("apitokens.api.bodies.check_depth", lambda text: None)
    assert_refused(send(nested(200_000)), 400)


def test_brackets_in_strings_are_no_depth(send, subtype):
    meta_data = {"k": '[{"' * 100 + "\\" * 3}
    assert send(good(subtype, meta_data=meta_data)).json()["data"]["meta_data"] == meta_data


@pytest.mark.parametrize(
    "text",
    ["[]," * 349_525, '"' * 1_048_576, '\\"' * 524_288, "\\" * 1_048_576, '"\\' * 524_288,
     '"' + "a" * 1_048_575],
)  # fmt: skip
def test_counting_depth_is_linear(text):
    started = process_time()
    check_depth(text)
    assert process_time() - started < 0.6


def padded(subtype, size):
    content = good(subtype)
    return content + b" " * (size - len(content))


def test_one_mebibyte_is_taken_and_one_byte_more_is_413(send, subtype):
    assert send(padded(subtype, MAXIMUM_BYTES)).status_code == 200
    Candidate.objects.all().delete()
    assert_refused(send(padded(subtype, MAXIMUM_BYTES + 1)), 413)
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("length", [MAXIMUM_BYTES + 1, 10**9, 10**18, 10**30, "9" * 5000])
def test_a_large_content_length_is_413_unread(serve, length):
    status, refusal = serve(stream := Counting(b"{}"), CONTENT_LENGTH=str(length))
    assert (status, refusal["errors"], stream.taken) == (413, [], 0)


def test_a_chunked_body_is_read(serve, subtype):
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert serve(io.BytesIO(good(subtype)), **environ)[0] == 200


def test_a_large_chunked_body_is_413_and_not_read_to_its_end(serve, subtype):
    stream = Counting(padded(subtype, 5 * MAXIMUM_BYTES))
    assert serve(stream, **{"wsgi.input_terminated": True})[0] == 413
    assert stream.taken == MAXIMUM_BYTES + 1
    assert_nothing_written()


@pytest.mark.parametrize("length", [None, "", "0", "-1", "-5", "x", "1e3", "0x10", "１２"])
def test_without_a_usable_length_there_is_no_body(serve, subtype, length):
    environ = {} if length is None else {"CONTENT_LENGTH": length}
    status, refusal = serve(io.BytesIO(good(subtype)), **environ)
    if length == "１２":  # Python reads these digits; the body is cut after 12 bytes
        assert "not valid JSON" in refusal["message"]
    assert status == 400


def test_a_length_that_is_too_short_cuts_the_body(serve, subtype):
    assert serve(io.BytesIO(good(subtype)), CONTENT_LENGTH="20")[0] == 400
    assert_nothing_written()


def test_a_connection_that_breaks_is_400(serve):
    assert serve(Broken(), CONTENT_LENGTH="20")[0] == 400
    assert serve(Broken(), **{"wsgi.input_terminated": True})[0] == 400


@pytest.mark.parametrize(
    "content_type",
    [f"{JSON}; charset=rot13", f"{JSON}; charset=base64", f"{JSON}; charset*=bogus''utf-8",
     f"{JSON}; charset=\0"],
)  # fmt: skip
def test_charsets_that_break_djangos_request_are_no_500(serve, subtype, content_type):
    content = good(subtype)
    environ = {"CONTENT_LENGTH": str(len(content)), "QUERY_STRING": "a=%41"}
    assert serve(io.BytesIO(content), CONTENT_TYPE=content_type, **environ)[0] in {400, 415}
    assert_nothing_written()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"x" * (MAXIMUM_BYTES + 1)])
def test_a_body_on_get_is_ignored(api, content):
    response = api.generic("GET", PACKAGES, content, "x/y; charset=none")
    assert response.status_code == 200


@pytest.mark.parametrize("field", ["name", "email", "phone", "resume", "employee_id"])
def test_100_kb_in_a_field_is_400_naming_it(send, subtype, field):
    assert_refused(send(good(subtype, **{field: "a" * 100_000})), 400, f"candidate.{field}")
    assert_nothing_written()
