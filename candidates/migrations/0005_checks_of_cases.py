"""Cases that were there before get their checks, and packages the first line of their ledger.

Each check stands so that the state of its case, which follows from them now, stays what it was.
"""

from django.db import migrations

AWAITING, CONSENT_MISSING = 3, 11
DECISIONS = {8: "closed", 9: "held", 10: "cancelled", 12: "unfunded"}
CHECKS = {
    0: ("in-progress", "processing"),
    1: ("verified", "verified"),
    5: ("major", "in-progress"),
    6: ("inconclusive", "verified"),
}
"""State of the case: that of its first check, and of the others; else they are processed."""
BATCH = 1000


def fill(apps, schema_editor):
    Case = apps.get_model("candidates", "Case")
    last = 0
    kinds = kinds_of_subtypes(apps)
    while cases := list(Case.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        fill_cases(apps, cases, kinds)
        last = cases[-1].pk
    open_ledgers(apps)


def kinds_of_subtypes(apps):
    Subtype = apps.get_model("candidates", "Subtype")
    subtypes = Subtype.objects.prefetch_related("checks")
    return {
        subtype.pk: [c.pk for c in sorted(subtype.checks.all(), key=lambda c: (c.position, c.pk))]
        for subtype in subtypes
    }


def fill_cases(apps, cases, kinds):
    Case, CaseCheck = (apps.get_model("candidates", name) for name in ("Case", "CaseCheck"))
    rows = []
    for case in cases:
        case.decision = DECISIONS.get(case.status, "")
        if case.status not in {AWAITING, *DECISIONS}:
            case.submitted_at = case.updated_at
            case.consented_at = None if case.status == CONSENT_MISSING else case.updated_at
        first, others = CHECKS.get(case.status, ("processing", "processing"))
        for index, kind in enumerate(kinds[case.subtype_id]):
            status = others if index else first
            rows.append(
                CaseCheck(case=case, kind_id=kind, status=status, updated_at=case.updated_at)
            )
    Case.objects.bulk_update(cases, ["decision", "submitted_at", "consented_at"])
    CaseCheck.objects.bulk_create(rows)


def open_ledgers(apps):
    Package, CreditEntry = (apps.get_model("candidates", n) for n in ("Package", "CreditEntry"))
    CreditEntry.objects.bulk_create(
        [
            CreditEntry(
                company_id=package.company_id,
                package=package,
                change=package.credits,
                balance=package.credits,
                reason="opening",
            )
            for package in Package.objects.filter(credits__gt=0)
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("candidates", "0004_portal")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
