"""greytHR: a check for every new joiner, by polling the employees (api-docs.greythr.com).

The hand-over of its Recruit module is closed to all but two partners, so who accepted an offer is
not seen; who joins is. No webhooks, no call that writes a state.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.inbound.client import Client
from integrations.inbound.contract import (
    Batch,
    Choice,
    Connector,
    Field,
    Record,
    first_text,
    full_name,
    id_of,
    key_of,
    object_of,
    objects,
    text_of,
)
from integrations.inbound.exceptions import Refused, Unexpected

HOST = "api.greythr.com"
SIZE = 100
MONTH = timedelta(days=30)
OVERLAP = timedelta(hours=1)
JOINER = "joiner"
NEW_JOINER = gettext_lazy("New joiner")
WRITTEN = "%Y-%m-%dT%H:%M:%S"
EMPLOYEES, CATEGORIES = "/employee/v2/employees", "/employee/v2/employees/categories"


class GreytHR(Connector):
    kind, word, monogram = "greythr", "greytHR", "gH"
    summary = gettext_lazy("Starts a check for every new joiner")
    needs = gettext_lazy("Needs an API user")
    steps = (
        gettext_lazy("Sign in to greytHR as its admin"),
        gettext_lazy("Settings → My Account → API users → Create API User"),
        gettext_lazy("Give it the role Employee API (read access)"),
        gettext_lazy("Copy the user name and the password. The password is shown once"),
    )
    reads = (
        (
            gettext_lazy("Name, e-mail, mobile, employee number, joining date"),
            gettext_lazy("To add the candidate"),
        ),
        (gettext_lazy("Department, designation, location"), gettext_lazy("To choose the package")),
        (gettext_lazy("Salary, leave, bank details"), gettext_lazy("Never read")),
    )
    fields = (
        Field(
            name="tenant", label=gettext_lazy("greytHR address"), prefix="https://",
            suffix=".greythr.com", pattern="label",
            hint=gettext_lazy("The first part only, as in your browser"),
        ),
        Field(name="user", label=gettext_lazy("API user name")),
        Field(name="password", label=gettext_lazy("API password"), secret=True),
        Field(
            name="token_address", label=gettext_lazy("Where the API user signs in"),
            hint=gettext_lazy("Newer accounts may need the common address"),
            choices=(
                ("tenant", gettext_lazy("At your own greytHR address")),
                ("common", gettext_lazy("At api.greythr.com, for all accounts")),
            ),
        ),
    )  # fmt: skip
    polls = True
    skips_those_there = False  # the joining date says who is new
    no_status = gettext_lazy("greytHR has no public call that writes a state")
    token = ""

    @property
    def domain(self) -> str:
        return f"{self.credentials['tenant']}.greythr.com"

    @cached_property
    def client(self) -> Client:
        return Client(HOST, self._headers, self.attempts)

    def _headers(self) -> dict[str, str]:
        return {"ACCESS-TOKEN": self.token, "x-greythr-domain": self.domain}

    def _sign_in(self) -> None:
        """A token for as long as it works: how long that is, differs."""
        common = self.credentials.get("token_address") == "common"
        host, path = (HOST, "/oauth2/v2/client-token") if common else (
            self.domain, "/uas/v1/oauth2/client-token"
        )  # fmt: skip
        asked = Client(host, dict, self.attempts).send(
            "POST", path,
            auth=(self.credentials["user"], self.credentials["password"]),
            data={"grant_type": "client_credentials"},
        )  # fmt: skip
        self.token = text_of(object_of(asked.json).get("access_token"))
        if not self.token:
            raise Unexpected("no access_token")

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        """Signed in anew, once, where the token has run out."""
        if not self.token:
            self._sign_in()
            return object_of(self.client.get(path, **params).json)
        try:
            return object_of(self.client.get(path, **params).json)
        except Refused:
            self._sign_in()
            return object_of(self.client.get(path, **params).json)

    def test(self) -> Iterator[Any]:
        self._sign_in()
        yield _("%(host)s takes the API user") % {"host": self.domain}
        pages = object_of(self._get(EMPLOYEES, state="CURRENT", page=0, size=SIZE).get("pages"))
        count = pages.get("totalElements")
        if not isinstance(count, int):
            raise Unexpected("no totalElements")
        said = ngettext("%(n)s employee can be read", "%(n)s employees can be read", count)
        yield said % {"n": count}

    def stages(self) -> list[Choice]:
        return [Choice(JOINER, NEW_JOINER, _("Joins on the day of connecting or later"))]

    def categories(self) -> list[Choice]:
        """Those that somebody has: designations, departments and the tenant's own."""
        found = {pair for pairs in self._categories.values() for pair in pairs}
        return [Choice(key_of(kind, value), value, kind) for kind, value in sorted(found)]

    @cached_property
    def _categories(self) -> dict[str, list[tuple[str, str]]]:
        """Employee → (category, value) of those that hold today."""
        return {
            text_of(row.get("employeeId")): [
                (text_of(item.get("categoryDesc")), value)
                for item in objects(row.get("categoryList"))
                if holds(item) and (value := text_of(item.get("valueDesc")))
            ]
            for rows in self._pages(CATEGORIES, descRequired="true")
            for row in rows
        }

    def _pages(self, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """From page 0, though the samples begin with 1: that would lose the first."""
        page = 0
        while True:
            body = self._get(path, page=page, size=SIZE, **params)
            if not isinstance(body.get("data"), list):
                raise Unexpected("no data")
            if not body["data"]:
                return
            yield objects(body["data"])
            if object_of(body.get("pages")).get("hasNext") is not True:
                return
            page += 1

    def poll(self, cursor: dict[str, Any]) -> Iterator[Batch]:
        """Whoever was changed since the last good run, and an hour more.

        In UTC: were their clock in India, the overlap would only be longer.
        """
        started = timezone.now()
        since = {"modifiedSince": cursor["since"]} if "since" in cursor else {}
        for rows in self._pages(EMPLOYEES, state="CURRENT", **since):
            yield Batch([self._record(row) for row in rows if self._is_new(row)])
        yield Batch([], {"since": (started - OVERLAP).strftime(WRITTEN)})

    def sample(self, last_body: Any = None) -> list[Record]:
        """Of those who were changed within a month."""
        since = (timezone.now() - MONTH).strftime(WRITTEN)
        rows = next(self._pages(EMPLOYEES, state="CURRENT", modifiedSince=since), [])
        return [self._record(row) for row in rows if self._is_new(row)]

    def _is_new(self, row: dict[str, Any]) -> bool:
        joined = day_of(row.get("dateOfJoin"))
        start = timezone.localtime(self.options.since).date()
        return row.get("leftorg") is not True and joined is not None and joined >= start

    def _record(self, row: dict[str, Any]) -> Record:
        key = id_of(row.get("employeeId"))
        pairs = self._categories.get(key, []) if self.options.with_categories else []
        return Record(
            external_id=key,
            name=text_of(row.get("name"))
            or full_name(row.get("firstName"), row.get("middleName"), row.get("lastName")),
            email=first_text([row.get("personalEmail"), row.get("email")]),
            phone=text_of(row.get("mobile")),
            employee_id=text_of(row.get("employeeNo")),
            stages=(JOINER,),
            stage_name=str(NEW_JOINER),
            categories=tuple(key_of(*pair) for pair in pairs),
        )


def day_of(value: Any) -> date | None:
    """A date; what is none, or of another age (0018-05-31), is absent."""
    try:
        found = parse_date(text_of(value)[:10])
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2200 else None


def holds(item: dict[str, Any]) -> bool:
    """Whether a category is the one of today: an employee may have several, one after the other."""
    today = timezone.localdate()
    begins, ends = day_of(item.get("effectiveFrom")), day_of(item.get("effectiveTo"))
    return (begins is None or begins <= today) and (ends is None or today <= ends)
