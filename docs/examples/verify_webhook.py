"""Check a webhook of the portal: copy it into your program. Python 3.9 or newer, nothing else.

    message = verify(secret, headers, body)   # body: the exact bytes that came

*headers* is any mapping by name. Raises Refused for what we did not send, and for what is too old.
"""

import base64
import hmac
import json
import time

TOLERANCE = 5 * 60
"""Seconds that a message may be old, or ahead of your clock."""


class Refused(Exception):
    """Don't act on it; answer 400."""


def verify(secret, headers, body, now=None):
    """The message as a dict. Keep its webhook-id: the same may come twice."""
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        message_id = headers["webhook-id"]
        timestamp = headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split(" ")
        age = (time.time() if now is None else now) - int(timestamp)
    except (KeyError, ValueError) as error:
        raise Refused("a header is missing or broken") from error
    if abs(age) > TOLERANCE:
        raise Refused("it is too old, or from the future")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    # While a secret is rotated there are two signatures: one that fits is enough.
    if not any(hmac.compare_digest(expected.encode(), s.encode()) for s in signatures):
        raise Refused("no signature fits")
    return json.loads(body)


if __name__ == "__main__":  # SECRET=whsec_… python verify_webhook.py 8000: a receiver to try it
    import os
    import sys
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                message = verify(os.environ["SECRET"], dict(self.headers), body)
            except Refused as error:
                self.send_error(400, str(error))
                return
            self.send_response(204)
            self.end_headers()
            print(self.headers["webhook-id"], message["type"], message["candidate_id"], flush=True)

    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
