"""Stand-ins for the vendors, over real sockets, that follow what is known of their APIs.

Each keeps people in ``people`` and lets a test break one answer (``break_next``).
"""

import hashlib
import hmac
import json
import os
import re
import ssl
from base64 import b64encode
from contextlib import contextmanager
from unittest.mock import patch

from django.test import override_settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.certificates import certificates

TOKEN = "right"


def answer(data, status=200, **headers):
    return Response(json.dumps(data), status, headers, mimetype="application/json")


class Stub:
    """A vendor's server. ``asked`` are the paths with their queries, in order."""

    hosts = ()

    def __init__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates()[1])
        self.server = HTTPServer(host="localhost", ssl_context=context)
        self.people, self.asked, self.broken, self.sent = [], [], [], []

    def respond(self, request: Request) -> Response:
        self.asked.append(request.full_path.rstrip("?"))
        if self.broken:
            broken = self.broken.pop(0)
            if broken is not None:
                return broken
        return self.answer(request)

    def break_next(self, *answers):
        """These come first; None is the usual one."""
        self.broken += answers

    def answer(self, request):
        raise NotImplementedError

    @property
    def url(self):
        return self.server.url_for("").rstrip("/")

    @property
    def addresses(self):
        return dict.fromkeys(self.hosts, self.url)


class TalentLyftStub(Stub):
    """PascalCase, pages from 1, links that lead elsewhere, empty lists past the end."""

    hosts = ("api.talentlyft.com",)
    stages = [
        {"Id": 11, "Name": "Sourced", "Type": "Sourced"},
        {"Id": 12, "Name": "Applied", "Type": "Applied"},
        {"Id": 13, "Name": "Offer", "Type": "Custom"},
        {"Id": 14, "Name": "Hired", "Type": "Hired"},
    ]

    def __init__(self):
        super().__init__()
        self.jobs = [
            {"Id": 1, "Title": "Data engineer", "Status": "Published",
             "Department": {"Id": 5, "Name": "Engineering"}, "Stages": self.stages},
            {"Id": 2, "Title": "Seller", "Status": "Published", "Department": "Sales",
             "Stages": [{**stage, "Id": stage["Id"] + 10} for stage in self.stages]},
        ]  # fmt: skip
        self.subscriptions = {}

    def person(self, key, stage="Offer", job=1, **fields):
        stages = {found["Name"]: found for found in self.jobs[job - 1]["Stages"]}
        inside = {"Id": 100 + key, "JobId": job, "StageId": stages[stage]["Id"]}
        return {
            "Id": key, "Uid": f"uid-{key}", "FirstName": "Ananya", "LastName": "Krishnan",
            "Emails": [{"Id": 1, "Value": f"a{key}@example.in", "Type": "Home"}],
            "PhoneNumbers": [{"Id": 1, "Value": f"+91 98765 {key:05}", "Type": "Mobile"}],
            "Tags": ["Fresher"], "Applications": [inside | fields.pop("application", {})],
            "SnoozedUntil": None, "PossibleDuplicates": [], **fields,
        }  # fmt: skip

    def move(self, key, stage):
        person = next(person for person in self.people if person["Id"] == key)
        person.update(self.person(key, stage))

    def answer(self, request):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return answer({"Message": "Authorization has been denied for this request."}, 401)
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["v2", "candidates"] and len(parts) == 3:
            found = [person for person in self.people if str(person["Id"]) == parts[2]]
            return answer(found[0]) if found else answer({"Message": "Not found"}, 404)
        if parts == ["v2", "subscriptions"] and request.method == "POST":
            return self.subscribe(request.get_json())
        if parts[:2] == ["v2", "subscriptions"] and request.method == "DELETE":
            self.subscriptions.pop(parts[2], None)
            return Response(status=204)
        rows = {"candidates": self.people, "jobs": self.jobs}.get(parts[1])
        return self.page(request, rows)

    def subscribe(self, body):
        if not body["Url"].startswith("https://"):
            error = {"Field": "Url", "Message": "The Url must be https."}
            return answer({"Message": "Validation Failed", "Errors": [error]}, 422)
        self.subscriptions["guid-1"] = body
        return answer({"Id": "guid-1", **body}, 201)

    def page(self, request, rows):
        page, size = int(request.args.get("page", 1)), int(request.args.get("perPage", 20))
        some = rows[(page - 1) * size : page * size]
        more = f"https://elsewhere.test//v2?page={page + 1}" if page * size < len(rows) else None
        return answer({
            "Results": some, "Count": len(rows), "Page": page, "PerPage": size,
            "Pages": {"First": "https://elsewhere.test//v2", "Prev": None, "Next": more},
        })  # fmt: skip

    def message(self, key, secret, uid="message-1", topic="candidate.moved"):
        """(headers, body) of a webhook about a candidate."""
        body = json.dumps({
            "Uid": uid, "Topic": topic, "DeliveryAttempts": 1,
            "Payload": [{"Type": "Candidate", "Data": {"Id": key}}],
        }).encode()  # fmt: skip
        digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        return {"X-TL-Signature": f"sha1={digest}"}, body


class GreytHRStub(Stub):
    """A token in a header of its own, pages from 0, refusals that are pages for people."""

    hosts = ("api.greythr.com", "acme.greythr.com")

    def __init__(self):
        super().__init__()
        self.tokens, self.valid = 0, set()
        self.categories = {}

    def person(self, key, joined, **fields):
        return {
            "employeeId": key, "employeeNo": f"E{key}", "name": "Rohan Gupta", "leftorg": False,
            "email": f"r{key}@acme.test", "personalEmail": f"r{key}@example.in",
            "mobile": 9_876_500_000 + key, "dateOfJoin": joined, "status": 1, **fields,
        }  # fmt: skip

    def answer(self, request):
        if request.path.endswith("/client-token"):
            return self.sign_in(request)
        token, domain = (request.headers.get(n) for n in ("ACCESS-TOKEN", "x-greythr-domain"))
        if token not in self.valid or domain != "acme.greythr.com":
            return answer({"message": "Unauthorized"}, 401)
        if request.path == "/employee/v2/employees":
            return self.page(request, self.since(request.args.get("modifiedSince")))
        rows = [
            {"employeeId": key, "categoryList": found} for key, found in self.categories.items()
        ]
        return self.page(request, rows)

    def since(self, moment):
        if moment is None:
            return self.people
        return [row for row in self.people if row.get("lastModified", "9") >= moment]

    def sign_in(self, request):
        pair = b64encode(f"api-user:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return answer({"error": "invalid_client"}, 403)
        self.tokens += 1
        self.valid.add(f"token-{self.tokens}")
        return answer({"access_token": f"token-{self.tokens}", "expires_in": 3599})

    def page(self, request, rows):
        page, size = int(request.args["page"]), int(request.args["size"])
        some = rows[page * size : (page + 1) * size]
        pages = {"hasNext": (page + 1) * size < len(rows), "totalElements": len(rows)}
        return answer({"data": some, "pages": pages})


class FreshteamStub(Stub):
    """Bare lists with counts in headers; applicants by job alone; phones that are numbers."""

    hosts = ("acme.freshteam.com",)
    size = 2

    def __init__(self):
        super().__init__()
        steps = [
            {"id": 31, "name": "Verbal offer"},
            {"id": 32, "name": "Old step", "deleted": True},
        ]
        self.jobs = [
            {"id": 7, "title": "QA lead", "department": {"id": 1, "name": "Engineering"},
             "interview_process": [{"id": 3, "name": "offer", "sub_stages": steps}]},
            {"id": 8, "title": "Seller", "department": None, "interview_process": []},
        ]  # fmt: skip
        self.comments, self.fields = [], {}

    def person(self, key, stage="offer", job=7, candidate=None, **fields):
        return {
            "id": key, "status": "open", "stage": stage, "job_id": job, "deleted": False,
            "sub_stage_id": None, "candidate": {
                "first_name": "Kavya", "middle_name": None, "last_name": "Reddy",
                "email": f"k{key}@example.in", "mobile": 9_876_400_000 + key, "phone": None,
                **(candidate or {}),
            }, **fields,
        }  # fmt: skip

    def answer(self, request):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            error = {"code": "invalid_credentials", "message": "Invalid credentials"}
            return answer({"errors": [error]}, 401)
        parts = request.path.strip("/").split("/")[1:]
        match parts:
            case ["job_postings"]:
                return self.page(request, self.jobs)
            case ["job_postings", job, "applicants"]:
                return self.page(request, [p for p in self.people if str(p["job_id"]) == job])
            case ["applicants", key, "comments"]:
                self.comments.append((key, request.get_json()))
                return answer({}, 201)
            case ["applicants", key] if request.method == "PUT":
                self.fields[key] = request.get_json()
                return answer({})
            case ["applicants", key]:
                found = [person for person in self.people if str(person["id"]) == key]
                return answer(found[0]) if found else answer({"errors": []}, 404)

    def page(self, request, rows):
        page = int(request.args.get("page", 1))
        some = rows[(page - 1) * self.size : page * self.size]
        pages = max(1, -(-len(rows) // self.size))
        return answer(some, **{"Total-Objects": str(len(rows)), "Total-Pages": str(pages)})


@contextmanager
def running(stub):
    """Within, the connectors ask *stub* where they would ask the vendor."""
    stub.server.expect_request(re.compile(".*")).respond_with_handler(stub.respond)
    stub.server.start()
    settings = {
        "INTEGRATION_ADDRESSES": stub.addresses,
        "INTEGRATION_NETWORKS": ["127.0.0.0/8", "::1/128"],
    }
    try:
        with (
            override_settings(**settings),
            patch.dict(os.environ, REQUESTS_CA_BUNDLE=certificates()[0]),
        ):
            yield stub
    finally:
        stub.server.clear()
        stub.server.stop()
