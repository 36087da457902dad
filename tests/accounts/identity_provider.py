"""A small OpenID Connect provider on loopback that answers with whatever claims a test wants."""

import hashlib
import json
import os
import ssl
import threading
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import override_settings

from tests.certificates import certificates

CLIENT_ID = "portal"


@cache
def signing_key(name):
    return generate_private_key(65537, 2048)


class IdentityProvider(ThreadingHTTPServer):
    """``claims`` go into the next ID token, ``overrides`` replace what it says by itself (None
    leaves out); what was asked stands in ``asked``. ``forge(claims)`` makes the token otherwise.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates()[1])
        self.context = context
        self.url = f"https://localhost:{self.server_port}"
        self.claims, self.overrides, self.asked, self.userinfo = {}, {}, [], None
        self.nonce = self.challenge = None
        self.forge = self.signed
        self.metadata = self.usual_metadata
        self.answers = {}
        """Path → (status, body, headers) in place of the usual answer."""

    def finish_request(self, request, client_address):
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request, client_address):
        """A client that went away is no news."""

    def id_token(self):
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "sub": "subject-1", "iat": now, "exp": now + 60,
            "nonce": self.nonce, **self.claims, **self.overrides,
        }  # fmt: skip
        return self.forge({name: value for name, value in claims.items() if value is not None})

    def signed(self, claims, key="right", algorithm="RS256", **headers):
        return jwt.encode(claims, signing_key(key), algorithm, {"kid": "right", **headers})

    def usual_metadata(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self):
        key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key("right").public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "right", "alg": "RS256", "use": "sig"}]}

    def note_question(self, question):
        """What the browser brought along; a test plays the browser."""
        self.nonce = question.get("nonce")
        self.challenge = question.get("code_challenge")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        path = urlsplit(self.path).path
        if path in self.server.answers:
            return self.answer(*self.server.answers[path])
        if path == "/.well-known/openid-configuration":
            return self.answer(self.server.metadata())
        if path == "/keys":
            return self.answer(self.server.keys())
        if path == "/userinfo" and self.server.userinfo is not None:
            return self.answer(self.server.userinfo)
        return self.answer({}, 200 if path == "/authorize" else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(f"{urlsplit(self.path).path}?{body}")
        if "/token" in self.server.answers:
            return self.answer(*self.server.answers["/token"])
        sent = parse_qs(body)
        if sent.get("code") != ["right"] or not self.is_asker(sent):
            return self.answer({"error": "invalid_grant"}, 400)
        return self.answer(
            {"access_token": "a", "token_type": "Bearer", "id_token": self.server.id_token()}
        )

    def is_asker(self, sent):
        """PKCE: who brings the code is who asked (RFC 7636 §4.6)."""
        if self.server.challenge is None:
            return True
        digest = hashlib.sha256(sent.get("code_verifier", [""])[0].encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=") == self.server.challenge

    def answer(self, data, status=200, headers=()):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing on the tests' output."""


@contextmanager
def reachable():
    """Within, servers on loopback are asked, and their certificate is trusted."""
    with (
        override_settings(SSO_NETWORKS=["127.0.0.0/8", "::1/128"]),
        patch.dict(os.environ, REQUESTS_CA_BUNDLE=certificates()[0]),
    ):
        yield


@contextmanager
def identity_provider():
    server = IdentityProvider()
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        with reachable():
            yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
