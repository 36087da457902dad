"""Good answers to every step, as services and pages take them."""

from candidates.services.answers import STEPS

GOOD = {
    "basic_details": {
        "full_name": "Meera Iyer", "email": "meera@example.in", "mobile_number": "9876543210",
        "dob": "1994-02-28", "gender": "2",
    },
    "address": {
        "address_line_1": "12, 4th Cross, Indiranagar", "city": "Bengaluru",
        "state": "Karnataka", "pin_code": "560038", "country": "India",
    },
    "identity": {
        "id_type": "PAN", "id_number": "ABCPK1234M", "name_on_document": "Meera Iyer",
    },
    "education": {"course_type": "UNDERGRAD"},
    "employment": {
        "company_name": "Initech", "designation": "Analyst", "start_date": "2019-06-01",
        "end_date": "2024-05-31",
    },
}  # fmt: skip


def good(step, **changes):
    return {**GOOD[step], **changes}


def fill(candidate, *names):
    """Save good answers to these steps, or to all that are asked."""
    from candidates.services.verification import save_step, steps_of

    for name in names or [step.name for step in steps_of(candidate.case)]:
        save_step(candidate=candidate, step=STEPS[name], answers=GOOD[name], actor=None)
