"""What the server asks where an Admin says: public addresses over https, briefly, and not much."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import requests

from accounts import outgoing
from accounts.outgoing import TooLarge, guarded_session
from tests.accounts.identity_provider import identity_provider
from tests.certificates import certificates

LOOPBACK = ["127.0.0.0/8", "::1/128"]

INSIDE = [
    "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1",
    "0", "[::]", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "224.0.0.1", "255.255.255.255",
    "240.0.0.1", "198.18.0.1",
]  # fmt: skip


@pytest.fixture
def server():
    with identity_provider() as server:
        yield server


def get(url, networks=()):
    with guarded_session(networks) as session:
        return session.get(url)


def test_no_address_inside_is_asked(server):
    for host in INSIDE:
        with pytest.raises(requests.RequestException):
            get(f"https://{host}:{server.server_port}/keys")
        assert server.asked == [], host


def test_in_a_named_network_it_is(server):
    assert get(f"{server.url}/keys", LOOPBACK).status_code == 200
    assert get(f"https://127.0.0.1:{server.server_port}/keys", LOOPBACK).status_code == 200
    with pytest.raises(requests.RequestException):
        get(f"{server.url}/keys", ["10.0.0.0/8"])
    assert len(server.asked) == 2


@pytest.mark.parametrize("url", ["http://localhost/", "ftp://localhost/", "file:///etc/passwd"])
def test_nothing_but_https_is_spoken_even_there(url):
    with pytest.raises(requests.exceptions.InvalidSchema):
        get(url, LOOPBACK)


@pytest.mark.parametrize(
    "url",
    ["https://", "https:///x", f"https://{'a' * 70}.test/", "https://a..b/", "https://x:99999/",
     "https://[::1", "https://\x00/", "https://nowhere.invalid/"],
)  # fmt: skip
@pytest.mark.parametrize("networks", [(), LOOPBACK])
def test_what_is_no_address_is_an_error_of_requests(url, networks):
    with pytest.raises(requests.RequestException):
        get(url, networks)


def looked_up(monkeypatch, *addresses):
    """Every name is at these addresses, one look-up after the other; how many there were."""
    real, asked = socket.getaddrinfo, []

    def getaddrinfo(host, port, *args, **kwargs):
        if not host[-1].isdigit():  # a name, not an address
            asked.append(host)
            host = addresses[min(len(asked), len(addresses)) - 1]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_is_connected_to_where_it_was_when_it_was_checked(server, monkeypatch):
    """Not where a second look-up would lead (DNS rebinding)."""
    asked = looked_up(monkeypatch, "127.0.0.1", "10.0.0.1")
    assert get(f"{server.url}/keys", ["127.0.0.1/32"]).status_code == 200
    assert asked == ["localhost"]


def test_a_public_name_that_is_inside_at_the_second_look_up_is_not_asked(server, monkeypatch):
    asked = looked_up(monkeypatch, "10.0.0.1", "127.0.0.1")
    with pytest.raises(requests.RequestException):
        get(f"{server.url}/keys")
    assert asked == ["localhost"]
    assert server.asked == []


def test_a_certificate_of_another_name_or_of_nobody_is_refused(server, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError):
        get(f"{server.url}/keys", LOOPBACK)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificates()[0])
    looked_up(monkeypatch, "127.0.0.1")
    with pytest.raises(requests.exceptions.SSLError):
        get(f"https://other.example:{server.server_port}/keys", LOOPBACK)
    assert server.asked == []


def test_a_redirect_is_an_answer_and_leads_nowhere(server):
    server.answers["/keys"] = ({}, 302, [("Location", f"{server.url}/elsewhere")])
    assert get(f"{server.url}/keys", LOOPBACK).status_code == 302
    assert server.asked == ["/keys"]


def test_a_large_answer_is_not_read_to_its_end(server):
    server.answers["/keys"] = (b"x" * outgoing.LARGEST,)
    assert len(get(f"{server.url}/keys", LOOPBACK).content) == outgoing.LARGEST
    server.answers["/keys"] = (b"x" * (outgoing.LARGEST + 1),)
    with pytest.raises(TooLarge):
        get(f"{server.url}/keys", LOOPBACK)


def test_a_small_answer_becomes_no_large_one(server):
    server.answers["/keys"] = (b"\x1f\x8b" + b"x" * 9, 200, [("Content-Encoding", "gzip")])
    assert get(f"{server.url}/keys", LOOPBACK).content == b"\x1f\x8b" + b"x" * 9


def test_no_password_of_the_server_goes_along(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login root password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with guarded_session(LOOPBACK) as session:
        answer = session.get(f"{server.url}/keys")
    assert "Authorization" not in answer.request.headers


@contextmanager
def dripping(between):
    """A server that sends *between*, then a byte every 0.05 s for as long as somebody listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates()[1])

    def serve(listening):
        connection, _peer = listening.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as stream:
                stream.recv(4096)
                stream.sendall(between)
                for _ in range(200):
                    stream.sendall(b"x")
                    time.sleep(0.05)  # slow, never silent: no time-out of a single read ends it
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}/"
        thread.join(2)


@pytest.mark.parametrize("sent", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_left_in_time(server, monkeypatch, sent):
    monkeypatch.setattr(outgoing, "SECONDS", 0.4)
    with dripping(sent) as url:
        started = time.monotonic()
        with pytest.raises(requests.RequestException):
            get(url, LOOPBACK)
        assert time.monotonic() - started < 2
