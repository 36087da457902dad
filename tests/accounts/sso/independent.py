"""An identity provider that others wrote (oidc-provider-mock), as a process of its own over TLS.

python -m tests.accounts.sso.independent CERTIFICATE   prints its address, and serves until killed
"""

import subprocess
import sys
from contextlib import contextmanager

import requests

from tests.accounts.identity_provider import reachable
from tests.certificates import certificates
from tests.servers import ROOT


@contextmanager
def independent_provider():
    """Its address. It demands a nonce."""
    command = [sys.executable, "-m", "tests.accounts.sso.independent", certificates()[1]]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            with reachable():
                yield process.stdout.readline().strip()
        finally:
            process.kill()


def introduce(address, subject, **claims):
    """Let the provider know somebody."""
    done = requests.put(f"{address}/users/{subject}", json=claims, timeout=10)
    assert done.status_code == 204, done.text


def authorize(address, question, **answer):
    """What a person does at the provider; the address that the browser is sent back to."""
    page = requests.post(address, params=question, data=answer, timeout=10, allow_redirects=False)
    assert page.status_code == 302, page.text
    return page.headers["Location"]


def serve(certificate):
    import oidc_provider_mock
    from werkzeug.serving import make_server

    # Stricter than it need be, and than most are: a log-in without a nonce fails here.
    app = oidc_provider_mock.app(require_nonce=True)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=(certificate, certificate))
    print(f"https://localhost:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
