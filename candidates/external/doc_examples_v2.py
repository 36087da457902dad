"""Example bodies of version 2; the suite holds them against the real answers."""

SUBMIT = {
    "candidate_id": 4711,
    "basic_details": {
        "full_name": "Meera Krishnan",
        "email": "meera@example.com",
        "mobile_number": "9876543210",
        "dob": "1994-02-28",
        "gender": 2,
    },
    "consent": {"doc_url": "https://files.example.com/consent.pdf"},
    "identity": {
        "identity_1": {
            "id_type": "PAN",
            "name_on_document": "Meera Krishnan",
            "id_number": "ABCPK1234M",
            "combined_document": True,
            "documents": [{"url": "https://files.example.com/pan.jpg", "tag": "front"}],
        }
    },
    "address": {
        "current": {
            "address_line_1": "12, 4th Cross, Indiranagar",
            "city": "Bengaluru",
            "state": "Karnataka",
            "pin_code": "560038",
            "country": "India",
        }
    },
}

SUBMITTED = {
    "message": "Form submitted successfully",
    "data": {
        "candidate_id": 4711,
        "overall_status": "Processing",
        "overall_status_code": 4,
    },
}

FAULTS = [
    ("basic_details.mobile_number", "Enter ten digits that start with 6 to 9, without +91 or 0"),
    ("identity.identity_1.id_number", "Enter a PAN: five letters, four digits, one letter"),
]
