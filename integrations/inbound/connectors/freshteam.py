"""Freshteam: applicants who reach a stage, by polling each job and by unsigned webhooks.

From Freshworks' own OpenAPI file (v1.0.0, Dec 2022). Freshteam is being switched off.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.inbound.client import Client
from integrations.inbound.contract import (
    Batch,
    Choice,
    Connector,
    Event,
    Field,
    Incoming,
    Record,
    first_text,
    full_name,
    id_of,
    key_of,
    object_of,
    objects,
    text_of,
)
from integrations.inbound.exceptions import Gone, Unexpected
from integrations.inbound.signatures import check_header

JOBS = "published,internal,private,on_hold,closed"
HEADER = "X-Portal-Secret"
STAGES = {
    "candidature": gettext_lazy("Candidature"),
    "screening": gettext_lazy("Screening"),
    "on_site": gettext_lazy("On-site"),
    "offer": gettext_lazy("Offer"),
    "hire": gettext_lazy("Hire"),
}


class Freshteam(Connector):
    kind, word, monogram = "freshteam", "Freshteam", "Ft"
    summary = gettext_lazy("Takes applicants who reach a stage of your choice")
    needs = gettext_lazy("Needs the domain and an API key")
    steps = (
        gettext_lazy("Sign in to Freshteam as an account admin"),
        gettext_lazy("Click your picture → API key"),
        gettext_lazy("Copy the key. It acts with your rights"),
    )
    reads = (
        (gettext_lazy("Name, e-mail, mobile"), gettext_lazy("To add the candidate")),
        (gettext_lazy("Stage, department of the job"), gettext_lazy("To choose the package")),
        (gettext_lazy("Résumés, salaries, interviews"), gettext_lazy("Never kept")),
    )
    ends = gettext_lazy("Ends 2027")
    note = gettext_lazy(
        "Its vendor is switching it off: no subscription has been renewed since June 2026, and "
        "what is there can be read for 90 days after a subscription ends."
    )
    fields = (
        Field(
            name="domain", label=gettext_lazy("Freshteam address"), prefix="https://",
            suffix=".freshteam.com", pattern="label",
            hint=gettext_lazy("The first part only, as in your browser"),
        ),
        Field(name="key", label=gettext_lazy("API key"), secret=True),
        Field(
            name="hook_secret", label=gettext_lazy("Secret for its webhooks"), secret=True,
            required=False, generated="plain", hint=gettext_lazy("Leave empty, and we make one"),
        ),
        Field(
            name="field", label=gettext_lazy("Custom field for the state"), required=False,
            pattern="name", hint=gettext_lazy("Optional, such as cf_background_check"),
        ),
    )  # fmt: skip
    polls = fetches = receives = True
    hook_header = HEADER

    @cached_property
    def client(self) -> Client:
        return Client(f"{self.credentials['domain']}.freshteam.com", self._headers, self.attempts)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials['key']}"}

    def test(self) -> Iterator[Any]:
        answer = self.client.get("/api/job_postings", status=JOBS, page=1)
        yield _("%(domain)s.freshteam.com takes the key") % {"domain": self.credentials["domain"]}
        if not isinstance(answer.json, list):
            raise Unexpected("no list")
        total = text_of(answer.headers.get("Total-Objects"))
        count = int(total) if total.isdigit() else len(answer.json)
        yield ngettext("%(n)s job can be read", "%(n)s jobs can be read", count) % {"n": count}

    def stages(self) -> list[Choice]:
        """Freshteam's five, and the company's own steps inside them, by name."""
        found = [Choice(f"stage:{key}", name) for key, name in STAGES.items()]
        steps = {step: stage for job in self._jobs for step, stage in steps_of(job).values()}
        own = [
            Choice(key_of("step", step), step, _("Step of %(stage)s") % {"stage": stage})
            for step, stage in steps.items()
        ]
        return found + own

    def categories(self) -> list[Choice]:
        names = sorted({name for job in self._jobs if (name := department_of(job))})
        return [Choice(key_of("department", name), name, _("Department")) for name in names]

    @cached_property
    def _jobs(self) -> list[dict[str, Any]]:
        return [job for jobs in self._pages("/api/job_postings", status=JOBS) for job in jobs]

    def _pages(self, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Bare lists; the headers say how many, and a page past the end is empty."""
        page = 1
        while True:
            answer = self.client.get(path, page=page, **params)
            if not isinstance(answer.json, list):
                raise Unexpected("no list")
            if not answer.json:
                return
            yield objects(answer.json)
            total = text_of(answer.headers.get("Total-Pages"))
            if total.isdigit() and page >= int(total):
                return
            page += 1

    def poll(self, cursor: dict[str, Any]) -> Iterator[Batch]:
        """Job by job, for no list has them all; since the day before the last good run."""
        started = timezone.now()
        since = {"updated_since": cursor["since"]} if "since" in cursor else {}
        for job in self._jobs:
            path = f"/api/job_postings/{id_of(job.get('id'))}/applicants"
            for rows in self._pages(path, **since):
                found = (self._record(row, job) for row in rows)
                yield Batch([record for record in found if record])
        yield Batch([], {"since": (started - timedelta(days=1)).strftime("%Y-%m-%d")})

    def sample(self, last_body: Any = None) -> list[Record]:
        """Of the newest job those who were changed last."""
        job = max(self._jobs, key=lambda job: int(id_of(job.get("id"))), default=None)
        if job is None:
            return []
        path = f"/api/job_postings/{id_of(job.get('id'))}/applicants"
        rows = next(self._pages(path, sort="updated_at", sort_type="desc"), [])
        return [record for row in rows if (record := self._record(row, job))]

    def fetch(self, external_id: str) -> Record | None:
        if not external_id.isdigit():
            return None
        try:
            row = object_of(self.client.get(f"/api/applicants/{external_id}").json)
        except Gone:
            return None
        job = next((job for job in self._jobs if job.get("id") == row.get("job_id")), {})
        return self._record(row, job)

    def _record(self, row: dict[str, Any], job: dict[str, Any]) -> Record | None:
        """None for whoever is rejected, archived, moved to another job, dropped or deleted."""
        if row.get("deleted") is True or row.get("status") != "open":
            return None
        person, stage = object_of(row.get("candidate")), text_of(row.get("stage"))
        step, _stage = steps_of(job).get(text_of(row.get("sub_stage_id")), ("", ""))
        department = department_of(job)
        return Record(
            external_id=id_of(row.get("id")),
            name=full_name(
                person.get("first_name"), person.get("middle_name"), person.get("last_name")
            ),
            email=text_of(person.get("email")),
            phone=first_text([person.get("mobile"), person.get("phone")]),
            stages=(*([key_of("step", step)] if step else []), f"stage:{stage}"),
            stage_name=step or str(STAGES.get(stage, stage)),
            categories=(key_of("department", department),) if department else (),
        )

    def verify(self, incoming: Incoming) -> Event:
        """A secret in a header and nothing signed: a hint, after which the applicant is fetched."""
        check_header(incoming, HEADER, self.credentials.get("hook_secret", ""))
        body = incoming.json()
        key = first_text([
            body.get("applicant_id"), object_of(body.get("applicant")).get("id"), body.get("id"),
        ])  # fmt: skip
        return Event(f"{key}@{int(time.time() // 60)}", key)

    def push_status(self, external_id: str, text: str) -> None:
        """A private comment and, where one is named, a custom field."""
        path = f"/api/applicants/{quote(external_id, safe='')}"
        if name := self.credentials.get("field"):
            self.client.send("PUT", path, json={"custom_fields": {name: text}})
        comment = {"body": f"<p>{escape(text)}</p>", "private": True, "notify_ids": []}
        self.client.send("POST", f"{path}/comments", json=comment)


def steps_of(job: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Id → (step, stage) of a job's interviews."""
    return {
        text_of(step.get("id")): (text_of(step.get("name")), text_of(stage.get("name")))
        for stage in objects(job.get("interview_process"))
        for step in objects(stage.get("sub_stages"))
        if step.get("deleted") is not True and text_of(step.get("name"))
    }


def department_of(job: dict[str, Any]) -> str:
    return text_of(object_of(job.get("department")).get("name"))
