"""Example bodies for the OpenAPI schema; the suite holds them against the real answers."""

from apitokens.models import APIToken

ADDER = "Greenhouse sync"

REPORT = {"report": "JVBERi0xLjcK"}

PACKAGES = {
    "data": {
        "categories": [{"id": 3, "category_name": "Engineering"}],
        "tags": [{"id": 8, "category": "Campus 2026"}],
        "credit_balance": 120,
        "is_email_optional": 0,
        "is_resume_optional": 1,
        "packages": [
            {
                "package_id": 5,
                "package_name": "Standard",
                "subtype_id": 11,
                "subtype_name": "experienced",
                "subtype_friendly_name": "Experienced hires",
            }
        ],
    }
}

ADD = {
    "candidate": {
        "name": "Meera Krishnan",
        "email": "meera@example.com",
        "phone": "9876543210",
        "employee_id": "E-1042",
        "category_id": 3,
        "tags": [{"id": 8}],
        "resume": "https://files.example.com/meera.pdf",
        "invite": True,
        "meta_data": {"applicant": "gh-7731"},
    },
    "package": {"subtype_id": 11},
}

ADDED = {
    "message": "Candidate added successfully",
    "data": {
        "candidate_id": 4711,
        "bgv_url": "https://portal.example.com/bgv/…/",
        "meta_data": {"applicant": "gh-7731"},
    },
}

FAULTS = [
    ("candidate.phone", "Enter ten digits that start with 6 to 9, without +91 or 0"),
    ("candidate.tags[0].id", "Unknown id."),
]

DETAILS = {
    "success": True,
    "data": {
        "candidate_id": 4711,
        "candidate_uuid": "0b8f6a51-6f0f-4f4e-9a53-8f8e0a3f5c1d",
        "name": "Meera Krishnan",
        "email": "meera@example.com",
        "phone_number": "9876543210",
        "overall_status": "Awaiting input",
        "overall_status_code": 3,
        "initiation_date": "2026-07-01T10:00:00+05:30",
        "completion_date": None,
        "report_url": None,
        "erased_at": None,
        "added_by": APIToken(name=ADDER).label,
    },
}

PAGE = {"success": True, "data": [DETAILS["data"]], "next_cursor": "NDcxMQ:…"}

ME = {
    "id": "tok_8f3k2m9q1x7z",
    "name": ADDER,
    "label": APIToken(name=ADDER).label,
    "owner": "Acme Corp",
    "created_at": "2026-07-01T09:00:00+05:30",
    "expires_at": None,
    "last_used_at": "2026-07-01T10:00:00+05:30",
    "scopes": ["candidates:read", "candidates:write"],
    "company": {"name": "Acme Corp", "slug": "acme"},
}

ROTATED = {
    "token": "eyJ0eXAiOiJhcGl0b2tlbitqd3Qi…",
    "expires_at": None,
    "old_ends_at": "2026-07-02T10:00:00+05:30",
}
