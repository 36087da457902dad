"""The verifiers that customers copy, held against what really arrives."""

import http.client
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.outbound import endpoints
from integrations.outbound.signing import new_secret
from tests.integrations.test_delivering import sweep
from tests.integrations.test_outbox import finished, staff
from tests.servers import free_port

__all__ = ["staff"]

pytestmark = pytest.mark.django_db
EXAMPLES = Path("docs/examples")
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def in_python(secret, headers, body, age=0):
    """The message, or the reason why it was refused."""
    spec = importlib.util.spec_from_file_location("verifier", EXAMPLES / "verify_webhook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    now = int(headers.get("webhook-timestamp", 0) or 0) + age
    try:
        return module.verify(secret, headers, body.encode(), now)
    except module.Refused as error:
        return str(error)


SCRIPT = """
import { verify, Refused } from "./docs/examples/verify_webhook.mjs";
const given = JSON.parse(process.argv[1]);
const now = Number(given.headers["webhook-timestamp"] ?? 0) + given.age;
try {
  const message = verify(given.secret, given.headers, Buffer.from(given.body), now);
  console.log(JSON.stringify(message));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log(JSON.stringify(error.message));
}
"""


def in_node(secret, headers, body, age=0):
    given = json.dumps({"secret": secret, "headers": headers, "body": body, "age": age})
    command = [NODE, "--input-type=module", "-e", SCRIPT, given]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


VERIFIERS = [in_python, pytest.param(in_node, marks=needs_node)]


@pytest.fixture
def arrived(hook, customer, meera, staff, admin):
    """(secret, new secret, deliveries): while one replaces the other, with and without a name."""
    new = endpoints.rotate(endpoint=hook, actor=admin, address=None, overlap=timedelta(days=1))
    finished(meera, staff)
    sweep()
    return hook.secret, new, [(headers, body) for _path, headers, body in customer.got]


@pytest.mark.parametrize("verify", VERIFIERS)
def test_what_arrives_is_taken_with_either_secret(arrived, verify):
    old, new, deliveries = arrived
    assert len(deliveries) == 7
    for headers, body in deliveries[:2]:
        assert verify(old, headers, body) == json.loads(body)
        assert verify(new, headers, body) == json.loads(body)


@pytest.mark.parametrize("verify", VERIFIERS)
def test_what_we_did_not_send_is_refused(arrived, verify):
    secret, _new, deliveries = arrived
    headers, body = deliveries[0]
    assert verify(secret, headers, body.replace("Meera", "Maera")) == "no signature fits"
    assert verify(new_secret(), headers, body) == "no signature fits"
    other = {**headers, "webhook-id": "msg_other"}
    assert verify(secret, other, body) == "no signature fits"
    later = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}
    assert verify(secret, later, body) == "no signature fits"
    for age in (301, -301):
        assert verify(secret, headers, body, age) == "it is too old, or from the future"
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        without = {key: value for key, value in headers.items() if key != name}
        assert verify(secret, without, body) == "a header is missing or broken"
    broken = {**headers, "webhook-signature": "v1,é x v2,"}
    assert verify(secret, broken, body) == "no signature fits"


@contextmanager
def running(command, secret):
    port = free_port()
    process = subprocess.Popen(
        [*command, str(port)], env={**os.environ, "SECRET": secret}, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def posted(port, headers, body):
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, str(EXAMPLES / "verify_webhook.py")],
        pytest.param([NODE, str(EXAMPLES / "verify_webhook.mjs")], marks=needs_node),
    ],
    ids=["python", "node"],
)
def test_each_is_a_receiver_too(arrived, command):
    secret, _new, deliveries = arrived
    headers, body = deliveries[0]
    with running(command, secret) as (process, port):
        assert posted(port, headers, body) == 204
        assert posted(port, headers, body.replace("Meera", "Maera")) == 400
        line = process.stdout.readline().split()
    message = json.loads(body)
    assert line == [headers["webhook-id"], message["type"], str(message["candidate_id"])]
