"""A customer's system on loopback, over https: takes webhooks, keeps them, answers as told."""

import json
import os
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from django.test import override_settings
from standardwebhooks import Webhook

from tests.certificates import certificates

LOOPBACK = ["127.0.0.0/8", "::1/128"]


class Receiver(ThreadingHTTPServer):
    """``answers`` by path: (status, headers, body), or seconds to hang, or a function of the
    request's handler. What came stands in ``got``: path, headers, body.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates()[1])
        self.url = f"https://localhost:{self.server_port}"
        self.answers, self.got, self.connections = {}, [], 0
        self.lock = threading.Lock()

    def finish_request(self, request, client_address):
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            with self.lock:
                self.connections += 1
            super().finish_request(wrapped, client_address)

    def handle_error(self, request, client_address):
        """A client that went away is no news."""

    def ids(self, path="/"):
        return [headers["webhook-id"] for at, headers, _body in self.got if at == path]

    def verified(self, secret, path="/"):
        """The bodies that came, each as standardwebhooks vouches for it."""
        return [
            Webhook(secret).verify(body, headers) for at, headers, body in self.got if at == path
        ]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size).decode()
        if len(body) < size:  # whoever sent it was killed on the way
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            self.server.got.append((self.path, headers, body))
        answer = self.server.answers.get(self.path, (204, {}, b""))
        if isinstance(answer, int | float):
            time.sleep(answer)  # a receiver that hangs
            answer = (200, {}, b"late")
        self.answer(*(answer(self) if callable(answer) else answer))

    def answer(self, status, headers=(), body=b""):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing on the tests' output."""


@contextmanager
def receiver():
    """Within, it may be called: as if loopback were public and its port the usual one."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        with (
            override_settings(WEBHOOK_NETWORKS=LOOPBACK, WEBHOOK_PORTS=[server.server_port]),
            patch.dict(os.environ, REQUESTS_CA_BUNDLE=certificates()[0]),
        ):
            yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
