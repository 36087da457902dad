"""A small OpenID Connect provider on loopback that answers with whatever claims a test wants."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt

CLIENT_ID = "portal"


class IdentityProvider(ThreadingHTTPServer):
    """``claims`` go into the next ID token; what was asked stands in ``asked``."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.claims, self.overrides, self.asked, self.nonce = {}, {}, [], None

    def id_token(self):
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "sub": "subject-1", "iat": now, "exp": now + 60,
            **self.claims,
        }  # fmt: skip
        return jwt.encode({**claims, **self.overrides}, "not checked: it came over TLS" * 2)

    def metadata(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/.well-known/openid-configuration":
            return self.answer(self.server.metadata())
        return self.answer({}, 200 if self.path.startswith("/authorize?") else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(f"{urlsplit(self.path).path}?{body}")
        if parse_qs(body).get("code") != ["right"]:
            return self.answer({"error": "invalid_grant"}, 400)
        return self.answer(
            {"access_token": "a", "token_type": "Bearer", "id_token": self.server.id_token()}
        )

    def answer(self, data, status=200):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing on the tests' output."""


@contextmanager
def identity_provider():
    server = IdentityProvider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
