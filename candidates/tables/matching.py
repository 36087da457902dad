"""Which column is which field: by its heading, in English or Hindi, else by what stands in it."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from candidates.validators import (
    ten_digits,
    validate_https_url,
    validate_mobile,
    validate_uan,
)

HEADINGS = {
    "name": [
        "name", "full name", "candidate name", "candidate", "employee name", "name of candidate",
        "name of the candidate", "name of employee", "नाम", "पूरा नाम", "उम्मीदवार का नाम",
        "उम्मीदवार", "कर्मचारी का नाम", "अभ्यर्थी का नाम",
    ],
    "phone": [
        "phone", "mobile", "mobile no", "mobile number", "phone no", "phone number", "contact",
        "contact no", "contact number", "primary phone", "primary mobile", "cell", "cell phone",
        "mob", "mob no", "phone mobile", "whatsapp", "whatsapp number", "मोबाइल", "मोबाइल नंबर",
        "मोबाइल नम्बर", "मोबाइल संख्या", "फोन", "फोन नंबर", "दूरभाष", "संपर्क", "संपर्क नंबर",
    ],
    "email": [
        "email", "mail", "email id", "mail id", "email address", "personal email",
        "personal mail", "personal email id", "primary email", "candidate email", "ईमेल",
        "ईमेल आईडी", "ईमेल पता", "मेल",
    ],
    "employee_id": [
        "employee id", "emp id", "emp code", "employee code", "employee no", "employee number",
        "emp no", "staff id", "staff no", "personnel number", "कर्मचारी आईडी", "कर्मचारी कोड",
        "कर्मचारी संख्या", "कर्मचारी क्रमांक",
    ],
    "uan_number": [
        "uan", "uan no", "uan number", "universal account number", "यूएएन", "यूएएन नंबर",
        "यूएएन संख्या",
    ],
    "tags": ["tag", "tags", "label", "labels", "टैग"],
    "resume_url": [
        "resume", "cv", "cv link", "resume link", "resume url", "cv url", "link to resume",
        "रिज्यूमे", "बायोडाटा", "बायोडाटा लिंक",
    ],
    "alternate_email": [
        "alternate email", "alternative email", "other email", "secondary email", "alt email",
        "work email", "official email", "वैकल्पिक ईमेल", "दूसरा ईमेल",
    ],
    "alternate_phone": [
        "alternate phone", "alternate mobile", "alternative phone", "other phone", "other mobile",
        "secondary phone", "alt phone", "alt mobile", "alternate number", "alternate contact",
        "alternate mobile number", "alternate phone number", "emergency contact",
        "वैकल्पिक मोबाइल", "वैकल्पिक फोन", "दूसरा मोबाइल", "दूसरा फोन",
    ],
}  # fmt: skip
"""Field → headings as ``plain`` makes them."""

NOTHING_OF_OURS = {
    "s no", "sno", "sr no", "sl no", "serial", "serial no", "no", "remarks", "remark", "comment",
    "comments", "note", "notes", "क्रम", "क्रमांक", "क्रम संख्या", "टिप्पणी",
}  # fmt: skip

FIELDS = list(HEADINGS)
LEFT_OUT = "-"
SAMPLE = 50
"""So many values of a column are looked at, and three in four of them decide."""


def plain(heading: str) -> str:
    """Without capitals, accents of Latin, nuktas, points and dashes: "E-mail ID*" is "email id"."""
    text = unicodedata.normalize("NFKD", heading.casefold())
    text = re.sub(r"[\u0300-\u036f\u093c\u200c\u200d]", "", text)
    text = re.sub(r"(?<=\be)[-\s](?=mail)|(?<=\bई)[-\s](?=मेल)", "", text)
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return " ".join("".join(kept).split())


BY_HEADING = {plain(text): field for field, texts in HEADINGS.items() for text in texts}


def match(
    headings: Sequence[str], rows: Sequence[Sequence[str]], tags: Collection[str] = ()
) -> list[str]:
    """For each column a field, LEFT_OUT, or "" when somebody has to choose. No field comes twice.

    A heading decides before any content does, and the leftmost column before the others. *tags*
    are the company's, in ``casefold``.
    """
    columns = [""] * len(headings)
    for at, heading in enumerate(headings):
        field = BY_HEADING.get(plain(heading), "")
        if plain(heading) in NOTHING_OF_OURS:
            columns[at] = LEFT_OUT
        elif field not in columns:
            columns[at] = field
    for at, column in enumerate(columns):
        if column == "":
            columns[at] = _by_content([row[at] for row in rows[:SAMPLE]], columns, tags)
    return columns


def _by_content(values: Sequence[str], taken: Sequence[str], tags: Collection[str]) -> str:
    given = [value for value in values if value]
    of_tags = (["tags"], lambda value: value.casefold() in tags)
    for fields, is_right in [*CONTENTS, of_tags]:
        fitting = sum(map(is_right, given))
        if given and fitting * 4 >= len(given) * 3:
            return next((field for field in fields if field not in taken), "")
    return ""


def _passes(validate: Callable[[str], None]) -> Callable[[str], bool]:
    def is_right(value: str) -> bool:
        try:
            validate(value)
        except ValidationError:
            return False
        return True

    return is_right


CONTENTS: list[tuple[list[str], Callable[[str], bool]]] = [
    (["email", "alternate_email"], _passes(validate_email)),
    (["phone", "alternate_phone"], lambda value: _passes(validate_mobile)(ten_digits(value))),
    (["uan_number"], _passes(validate_uan)),
    (["resume_url"], _passes(validate_https_url)),
]
