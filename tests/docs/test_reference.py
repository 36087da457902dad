"""The reference leaves out nothing: types, options, addresses, what signals and events hold."""

import argparse
import inspect
import re
from datetime import timedelta

import pytest
from django.core.management import load_command_class
from django.urls.resolvers import RegexPattern

from apitokens import conf, services, urls
from apitokens.api import urls as api_urls
from apitokens.api.serializers import RotatedSerializer, TokenSerializer
from apitokens.models import APITokenEvent
from tests.apitokens.old import API_KEY, imported
from tests.apitokens.test_docs import COMMANDS, REFERENCE, rows, section
from tests.apitokens.test_signals import ACTS
from tests.factories import UserFactory


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table(text, heading):
    """Rows, as lists of cells, of the table in *text* that has *heading* as its first line."""
    _, found, rest = text.partition(f"{heading}\n")
    assert found, heading
    return [cells(line) for line in rest.split("\n\n")[0].splitlines()[1:]]


def bare(cell):
    return cell.strip("`")


# Settings -----------------------------------------------------------------------------------------
TYPES = {"int": int, "bool": bool, "str": str, "dict": dict, "seconds": int, "days": int}


@pytest.mark.parametrize(("name", "told"), rows(REFERENCE["settings"]).items())
def test_the_type_of_a_setting_is_that_of_its_default(name, told):
    default = None if told[1] == "–" else eval(told[1].strip("`"))  # noqa: S307 - our own page
    if default is not None:
        assert type(default) is TYPES[told[0]]


@pytest.mark.parametrize(("name", "told"), rows(REFERENCE["settings"]).items())
def test_a_setting_in_seconds_or_days_is_read_as_such(name, told):
    source = inspect.getsource(conf.Conf)
    found = re.search(rf'(timedelta\((\w+)=)?self\._get\("{name[10:]}"', source)
    unit = found[2] if found else None
    if unit or told[0] in ("seconds", "days"):
        assert told[0] == (unit or "seconds")  # REAUTH_AGE, which None turns off, is one step away


# Commands -----------------------------------------------------------------------------------------
def options():
    """(command with its act, option or argument) of all that argparse knows, but for Django's."""
    for name in COMMANDS:
        parser = load_command_class("apitokens", name).create_parser("manage.py", name)
        yield from options_of(name, parser)


def options_of(name, parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for act, below in action.choices.items():
                yield from options_of(f"{name} {act}", below)
        else:
            long = [word for word in action.option_strings if word.startswith("--")]
            yield from ((name, word) for word in long or [action.dest] if word not in DJANGOS)


DJANGOS = {
    "--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback",
    "--no-color", "--force-color", "--skip-checks",
}  # fmt: skip


def test_every_option_of_every_command_has_a_row_and_every_row_an_option():
    told = table(REFERENCE["commands"], "| of | option | takes |")
    pairs = [(bare(of), word) for of, all_, _ in told for word in re.findall(r"`([\w-]+)`", all_)]
    assert sorted(pairs) == sorted(options())
    assert len(told) > 20


# Signals and events -------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "told"), rows(REFERENCE["signals"]).items())
def test_what_a_signal_adds_is_what_it_is_sent_with(name, told):
    """ACTS is held to what is sent by the tests of the signals."""
    words = set(re.findall(r"`([a-z_]+)`", told[1]))
    assert words == ACTS[name][1]


def test_every_kind_of_event_has_a_row_and_every_column():
    text = section("events", "History")
    kinds = {bare(row[0]) for row in table(text, "| kind | when | `data` |")}
    columns = {
        word for row in table(text, "| column | holds |") for word in re.findall(r"`(\w+)`", row[0])
    }
    assert kinds == set(APITokenEvent.Kind.values)
    assert columns == {field.name for field in APITokenEvent._meta.fields} - {"id"}


@pytest.mark.django_db
def test_events_hold_what_the_page_says(admin, acme):
    told = {
        bare(kind): set(re.findall(r"`(\w+)`", data))
        for kind, _, data in table(section("events", "History"), "| kind | when | `data` |")
    }
    everything(admin, acme)
    events = APITokenEvent.objects.all()
    assert {event.kind for event in events} == told.keys() - {"new-address"}
    for event in events:
        assert event.data.keys() == told[event.kind] - ({"secrets"} - event.data.keys()), event.kind


def everything(admin, acme):
    """Each act on a token, once."""
    by = {"actor": admin, "address": None}
    token, _ = services.issue_token(owner=acme, user=admin, name="Sync", lifetime=None)
    services.rename_token(token=token, name="Other", **by)
    services.copy_token(token=token, **by)
    services.limit_token(token=token, scopes=[], networks=["192.0.2.0/24"], **by)
    services.rotate_token(token=token, overlap=timedelta(hours=1), **by)
    services.cut_old_credentials(token=token, **by)
    services.suspend_token(token=token, **by)
    services.resume_token(token=token, **by)
    services.take_over_token(token=token, actor=UserFactory(company=acme))
    services.delete_token(token=token, **by)
    imported(API_KEY, admin)


# HTTP ---------------------------------------------------------------------------------------------
def addresses(patterns):
    """Name → address below the mount, with a token's id as ``tok_…``."""
    found = {}
    for pattern in patterns:
        address = str(pattern.pattern)
        if isinstance(pattern.pattern, RegexPattern):
            address = address.strip("^$").replace("(?P<public_id>tok_[0-9a-z]{12})", "tok_…")
        found[pattern.name] = address
    return found


def test_every_page_has_a_row_with_its_name_and_methods():
    told = table(section("http", "The page"), "| address | name | GET | POST |")
    assert {bare(name): bare(address) for address, name, *_ in told} == addresses(urls.urlpatterns)
    views = {pattern.name: pattern.callback.view_class for pattern in urls.urlpatterns}
    for _, name, get, post in told:
        allowed = methods(views[bare(name)])
        assert ("get" in allowed, "post" in allowed) == (get != "–", post != "–"), name


def methods(view):
    return {name for name in view.http_method_names if hasattr(view, name)}


def test_every_call_of_the_management_has_a_row():
    text = section("http", "REST management")
    for address in addresses(api_urls.urlpatterns).values():
        assert f"/{address}`" in text or f"`{address.removeprefix('tok_…/')}`" in text, address


def named(after, text):
    """The words in code that follow *after*, to the end of the sentence."""
    return re.findall(r"`(\w+)`", text.partition(after)[2].partition(".")[0])


def test_what_a_token_learns_about_itself_is_told_to_the_member():
    text = section("http", "For the token itself")
    assert named("GET `api/me` answers", text) == list(TokenSerializer().fields)
    assert named("needs `tokens:rotate-self` and\nanswers", text) == list(
        RotatedSerializer().fields
    )
