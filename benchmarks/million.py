"""A company with a million candidates, made by the database itself from one sample row."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from accounts.models import AccessLevel, Company, User
from apitokens.models import APIToken
from apitokens.services import issue_token
from candidates.models import (
    Candidate,
    CandidateTag,
    Case,
    CaseStatus,
    Category,
    Package,
    Subtype,
    Tag,
)

SERIES = {
    "postgresql": "SELECT n FROM generate_series(1, %(count)s) AS numbers(n)",
    "sqlite": "WITH RECURSIVE numbers(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %(count)s) SELECT n FROM numbers",
}
SCATTERED = 7919
"""A prime: names follow each other in the list as if by chance; addresses and mobiles in order."""

UUID = {
    "postgresql": "CAST(lpad(to_hex(n), 32, '0') AS uuid)",
    "sqlite": "printf('%%032x', n)",
}


ADDED = {
    "postgresql": "sample.created_at - (%(count)s - n) * interval '1 minute'",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', sample.created_at,"
    " '-' || (%(count)s - n) || ' minutes')",
}
"""One a minute, the last of them now."""

RARE = 100
"""Candidates of the quiet token, the rare package, category and tag, and on hold, however many
there are.
"""


@dataclass
class Seeded:
    """Who looks, and what they narrow the list to."""

    admin: User
    hr: User
    busy: APIToken
    quiet: APIToken
    package: Package
    rare: Package
    category: Category
    rare_category: Category
    tag: Tag
    rare_tag: Tag


def seed(count: int) -> Seeded:
    """*count* candidates of one company: keys 1 to *count*, half through tokens, all states.

    ``busy`` added four in ten of them, ``quiet`` RARE all over, ``hr`` two in ten by hand.
    Eight in ten cases are completed, RARE are on hold, RARE of the rare package. Three in seven are
    of ``category``, one in three is marked with ``tag``, RARE each are of the rare ones.
    """
    company = Company.objects.create(name="Million Ltd", slug="million")
    admin, hr = (
        User.objects.create_user(
            f"{level}@million.test", name=str(level.label), company=company, access_level=level
        )
        for level in (AccessLevel.ADMIN, AccessLevel.HR)
    )
    busy, quiet = (
        issue_token(owner=company, user=admin, name=name, lifetime=None)[0]
        for name in ("Busy", "Quiet")
    )
    package, rare = (
        Package.objects.create(company=company, name=name, credits=1)
        for name in ("Standard", "Rare")
    )
    subtypes, rare_subtypes = two_subtypes(package), two_subtypes(rare)
    category, rare_category = (
        Category.objects.create(company=company, name=name) for name in ("Engineering", "Board")
    )
    tag, rare_tag, other_tag = (
        Tag.objects.create(company=company, name=name) for name in ("Campus", "Urgent", "Referral")
    )
    sample = Candidate.objects.create(
        pk=count + 1, company=company, name="Sample", phone="9", added_by=admin
    )
    case = Case.objects.create(candidate=sample, company=company, subtype=subtypes[0])
    mark = CandidateTag.objects.create(pk=count + 1, candidate=sample, tag=tag)
    with unchecked_references():
        rarely = count // RARE
        categories, tags = (category, rare_category), (tag, rare_tag, other_tag)
        multiply(sample, count, candidate_columns(hr, busy, quiet, categories, rarely))
        multiply(case, count, case_columns(subtypes, rare_subtypes, rarely))
        multiply(mark, count, mark_columns(*tags, rarely))
    sample.delete()
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [Candidate, CandidateTag]):
            cursor.execute(sql)
        # As autovacuum leaves it: an index answers alone what is visible to all.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return Seeded(admin, hr, busy, quiet, package, rare, category, rare_category, tag, rare_tag)


def two_subtypes(package: Package) -> list[Subtype]:
    return [
        Subtype.objects.create(package=package, name=name, friendly_name=name)
        for name in ("full", "short")
    ]


@contextmanager
def unchecked_references() -> Iterator[None]:
    """PostgreSQL would check each of eight million references; a superuser may do without."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('is_superuser')")
        if connection.vendor != "postgresql" or cursor.fetchone() != ("on",):
            yield
            return
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def candidate_columns(
    hr: User,
    busy: APIToken,
    quiet: APIToken,
    categories: tuple[Category, Category],
    rarely: int,
) -> dict[str, str]:
    common, rare = categories
    return {
        "id": "n",
        "uuid": UUID[connection.vendor],
        "name": f"'Candidate ' || (CAST(n AS bigint) * {SCATTERED} %% %(count)s)",
        "email": "'candidate' || n || '@example.test'",
        "phone": "CAST(6000000000 + n AS varchar(10))",
        "created_at": ADDED[connection.vendor],
        "added_by_id": f"CASE WHEN n %% 10 > 7 THEN {hr.pk} ELSE sample.added_by_id END",
        "added_through_id": f"CASE WHEN n %% {rarely} = 7 THEN {quiet.pk}"
        f" WHEN n %% 10 < 4 THEN {busy.pk} END",
        "category_id": f"CASE WHEN n %% {rarely} = 11 THEN {rare.pk}"
        f" WHEN n %% 7 < 3 THEN {common.pk} END",
    }


def case_columns(
    subtypes: list[Subtype], rare_subtypes: list[Subtype], rarely: int
) -> dict[str, str]:
    return {
        "candidate_id": "n",
        "status": status(rarely),
        "subtype_id": f"CASE WHEN n %% {rarely} = 5 THEN {either(rare_subtypes, rarely)}"
        f" ELSE {either(subtypes, 100)} END",
    }


def mark_columns(common: Tag, rare: Tag, other: Tag, rarely: int) -> dict[str, str]:
    return {
        "id": "n",
        "candidate_id": "n",
        "tag_id": f"CASE WHEN n %% {rarely} = 13 THEN {rare.pk}"
        f" WHEN n %% 3 = 0 THEN {common.pk} ELSE {other.pk} END",
    }


def either(subtypes: list[Subtype], stretch: int) -> str:
    """The one for *stretch* keys, then the other."""
    one, other = subtypes
    return f"CASE (n / {stretch}) %% 2 WHEN 0 THEN {one.pk} ELSE {other.pk} END"


def status(rarely: int) -> str:
    others = [code for code in CaseStatus if code not in (CaseStatus.ON_HOLD, CaseStatus.COMPLETED)]
    cases = " ".join(f"WHEN {at} THEN {code.value}" for at, code in enumerate(others))
    return (
        f"CASE WHEN n %% {rarely} = 3 THEN {CaseStatus.ON_HOLD.value}"
        f" WHEN n %% 10 < 8 THEN {CaseStatus.COMPLETED.value}"
        f" ELSE CASE (n / 10) %% {len(others)} {cases} END END"
    )


def multiply(sample: models.Model, count: int, expressions: dict[str, str]) -> None:
    """*count* copies of the row *sample*, n from 1, where *expressions* stand for its columns."""
    quote = connection.ops.quote_name
    meta = sample._meta
    columns = [field.column for field in meta.concrete_fields]
    values = ", ".join(expressions.get(column) or f"sample.{quote(column)}" for column in columns)
    sql = (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(map(quote, columns))})"
        f" SELECT {values} FROM {quote(meta.db_table)} AS sample,"
        f" ({SERIES[connection.vendor]}) AS series WHERE sample.{quote(meta.pk.column)} = %(key)s"
    )
    parameters: dict[str, Any] = {"count": count, "key": sample.pk}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
