"""TalentLyft: candidates who reach a stage, by polling and by signed webhooks.

From developers.talentlyft.com; what an application looks like inside a candidate is not documented
there and is a guess that is checked: where no stage can be read, the answer is an error.
"""

from collections.abc import Iterator
from typing import Any

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
    Limit,
    Record,
    first_text,
    full_name,
    id_of,
    key_of,
    object_of,
    objects,
    text_of,
)
from integrations.inbound.exceptions import Gone, NotReadable, Unexpected
from integrations.inbound.signatures import check_hmac

HOST = "api.talentlyft.com"
PER_PAGE = 50
TOPICS = ["candidate.hired", "candidate.moved"]
HIRED = "type:hired"


class TalentLyft(Connector):
    kind, word, monogram = "talentlyft", "TalentLyft", "TL"
    summary = gettext_lazy("Takes candidates who reach a stage of your choice")
    needs = gettext_lazy("Needs an access token")
    steps = (
        gettext_lazy("Sign in to TalentLyft as its admin"),
        gettext_lazy("Open Settings → Integrations → API"),
        gettext_lazy("Make an access token and copy it"),
    )
    reads = (
        (gettext_lazy("Name, e-mail, phone"), gettext_lazy("To add the candidate")),
        (gettext_lazy("Stage, department, tags"), gettext_lazy("To choose the package")),
        (gettext_lazy("CVs, notes, evaluations"), gettext_lazy("Never kept")),
    )
    note = gettext_lazy(
        "TalentLyft wants its partners to use OAuth; until we are one, the token is yours to give."
    )
    fields = (Field(name="token", label=gettext_lazy("Access token"), secret=True),)
    polls = fetches = receives = True
    limit = Limit(calls=600, seconds=600)
    no_status = gettext_lazy("TalentLyft documents no call that writes a note")

    @cached_property
    def client(self) -> Client:
        return Client(HOST, self._headers, self.attempts, self.turn)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials['token']}"}

    def test(self) -> Iterator[Any]:
        answer = object_of(self.client.get("/v2/jobs", page=1, perPage=1).json)
        yield _("%(host)s takes the token") % {"host": HOST}
        count = answer.get("Count")
        if not isinstance(count, int):
            raise Unexpected("no Count")
        yield ngettext("%(n)s job can be read", "%(n)s jobs can be read", count) % {"n": count}
        self.client.get("/v2/candidates", page=1, perPage=1)
        yield _("Candidates can be read")

    def stages(self) -> list[Choice]:
        """By name, for each job has stages of its own; Hired by its type, which is fixed."""
        jobs: dict[str, int] = {}
        names: dict[str, str] = {}
        for stages, _department in self._jobs.values():
            for key, name in dict(stages.values()).items():
                jobs[key] = jobs.get(key, 0) + 1
                names.setdefault(key, name)
        return [
            Choice(key, name, ngettext("%(n)s job", "%(n)s jobs", jobs[key]) % {"n": jobs[key]})
            for key, name in names.items()
        ]

    def categories(self) -> list[Choice]:
        """Departments; tags are listed nowhere, they are known once somebody has them."""
        departments = {department for _stages, department in self._jobs.values() if department}
        note = _("Department")
        return [Choice(key_of("department", name), name, note) for name in sorted(departments)]

    @cached_property
    def _jobs(self) -> dict[str, tuple[dict[str, tuple[str, str]], str]]:
        """Job → its stages by id, as (key, name), and its department."""
        return {
            id_of(job.get("Id")): (
                {id_of(stage.get("Id")): stage_of(stage) for stage in objects(job.get("Stages"))},
                department_of(job.get("Department")),
            )
            for results in self._pages("/v2/jobs", includeStages="true")
            for job in results
        }

    def _pages(self, path: str, page: int = 1, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Counted up until nothing follows: the links of the answers lead elsewhere."""
        while True:
            answer = self.client.get(path, page=page, perPage=PER_PAGE, **params)
            body = object_of(answer.json)
            if not isinstance(body.get("Results"), list):
                raise Unexpected("no Results")
            results = objects(body["Results"])
            if not results:
                return
            yield results
            if not object_of(body.get("Pages")).get("Next"):
                return
            page += 1

    def poll(self, cursor: dict[str, Any]) -> Iterator[Batch]:
        """All, page by page: no filter is documented. Cut short, it goes on where it was."""
        page = cursor.get("page", 1)
        for results in self._pages("/v2/candidates", page=page):
            page += 1
            found = [record for person in results if (record := self._record(person))]
            if found and not any(record.stages for record in found):
                raise Unexpected("no stage in Applications")
            yield Batch(found, {"page": page})
        yield Batch([], {})

    def fetch(self, external_id: str) -> Record | None:
        try:
            answer = self.client.get(f"/v2/candidates/{int(external_id)}")
        except (Gone, ValueError):
            return None
        return self._record(object_of(answer.json))

    def _record(self, person: dict[str, Any]) -> Record | None:
        """None for whoever is in no stage, or disqualified wherever they applied."""
        everywhere = objects(person.get("Applications"))
        going_on = [found for found in everywhere if not is_disqualified(found)]
        if not going_on or is_disqualified(person):
            return None
        stages = [stage for found in going_on if (stage := self._stage(found))]
        stages.sort(key=lambda stage: stage[0] != HIRED)
        jobs = [self._jobs.get(text_of(found.get("JobId"))) for found in going_on]
        tags = person.get("Tags") if isinstance(person.get("Tags"), list) else []
        return Record(
            external_id=id_of(person.get("Id")),
            name=full_name(person.get("FirstName"), person.get("LastName"))
            or text_of(person.get("Name")),
            email=first_text(found.get("Value") for found in objects(person.get("Emails"))),
            phone=first_text(found.get("Value") for found in objects(person.get("PhoneNumbers"))),
            stages=tuple(dict.fromkeys(key for key, _name in stages)),
            stage_name=stages[0][1] if stages else "",
            categories=(
                *(key_of("tag", tag) for tag in tags or []),
                *(key_of("department", job[1]) for job in jobs if job and job[1]),
            ),
        )

    def _stage(self, application: dict[str, Any]) -> tuple[str, str] | None:
        inside = object_of(application.get("Stage"))
        known = text_of(application.get("StageId")) or text_of(inside.get("Id"))
        for stages, _department in self._jobs.values():
            if known in stages:
                return stages[known]
        return stage_of(inside) if text_of(inside.get("Name")) else None

    def verify(self, incoming: Incoming) -> Event:
        """SHA-1 and no time in it: a hint, after which the candidate is fetched."""
        secret = self.credentials.get("hook_secret", "")
        check_hmac(incoming, "X-TL-Signature", secret, digest="sha1", prefix="sha1=")
        body = incoming.json()
        uid = text_of(body.get("Uid"))
        if not uid:
            raise NotReadable
        people = [
            found for found in objects(body.get("Payload")) if found.get("Type") == "Candidate"
        ]
        data = object_of(people[0].get("Data")) if people else {}
        return Event(uid, text_of(data.get("Id")))

    def subscribe(self, address: str, secret: str) -> str:
        body = {"ServiceType": "Web", "Url": address, "HubSecret": secret, "Topics": TOPICS}
        return id_of(
            object_of(self.client.send("POST", "/v2/subscriptions", json=body).json).get("Id")
        )

    def unsubscribe(self, subscription: str) -> None:
        """A guess from how such addresses are made elsewhere."""
        self.client.send("DELETE", f"/v2/subscriptions/{subscription}")


def stage_of(stage: dict[str, Any]) -> tuple[str, str]:
    """(key, name): Hired by its type, any other by its name."""
    name = text_of(stage.get("Name"))
    hired = text_of(stage.get("Type")).casefold() == "hired"
    return (HIRED if hired else key_of("name", name)), name


def department_of(value: Any) -> str:
    return text_of(value) or text_of(object_of(value).get("Name"))


def is_disqualified(data: dict[str, Any]) -> bool:
    return any(data.get(name) is True for name in ("Disqualified", "IsDisqualified"))
