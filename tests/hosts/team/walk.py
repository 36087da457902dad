"""The whole way of a project that is unlike Django's tutorial in everything."""

import django

django.setup()

import walking
from django.db import connection
from django.urls import reverse
from team.people.models import Person, Team
from team.stock.models import Item

from apitokens.models import APIToken

SHELL = '<body id="lager">'


def before() -> tuple[Person, Person]:
    """Two teams with a lead each, and an item that was there before there were tokens."""
    walking.command("migrate", "people", verbosity=0)
    walking.command("migrate", "stock", "0001", verbosity=0)
    walking.command("migrate", "admin", verbosity=0)
    walking.command("migrate", "sessions", verbosity=0)
    teams = [Team.objects.create(name=name) for name in ("Nord", "Süd")]
    with connection.cursor() as cursor:
        columns = "INSERT INTO stock_item (id, team_id, name) VALUES (%s, %s, 'Schrauben')"
        cursor.execute(columns, ["0" * 32, teams[0].pk.hex])
    ada, bert = (
        Person.objects.create_user(f"{name}@lager.test", team=team, leads=True)
        for name, team in zip(("ada", "bert"), teams, strict=True)
    )
    return ada, bert


def faces(ada: Person) -> None:
    """Own address, own shell, own block, own words, own language."""
    person = walking.Person(ada, SHELL)
    assert reverse("apitokens:list") == "/einstellungen/schl%C3%BCssel/"
    page = person.open("list")
    assert '<p id="hausregel">' in page
    assert "Mit einem Schlüssel ändert ein Programm den Bestand von Nord." in page
    assert 'class="at-shell"' not in page
    assert '<h2 class="at-heading"' in page
    refused = person.refused("generate", kind="anything", name="x", request_id="0" * 32)
    assert "anything ist keine gültige Auswahl" in refused, refused


def attribution(ada: Person) -> None:
    jwt = walking.command("apitokens_create", user=ada.email, name="Kasse", scopes=["stock:write"])
    program, items = walking.Program(jwt), reverse("items")
    status, added = program.call(items, name="Dübel")
    assert (status, added["added_by"]) == (201, "API(Kasse)"), added
    item, old = Item.objects.get(name="Dübel"), Item.objects.get(name="Schrauben")
    assert (item.team, item.added_by, item.added_through.owner) == (ada.team, ada, ada.team)
    assert (old.added_by, old.added_through) == (None, None)


def tenants(ada: Person, bert: Person) -> None:
    """Bert's team sees nothing of Ada's, and scopes hold."""
    token = APIToken.objects.get(name="Kasse")
    stranger = walking.Person(bert, SHELL)
    assert "Kasse" not in stranger.open("list")
    url = reverse("apitokens:detail", args=[token.public_id])
    assert stranger.client.get(url).status_code == 404
    jwt = walking.command("apitokens_create", user=bert.email, name="Nur lesen", scopes=[])
    status, answer = walking.Program(jwt).call(reverse("items"), name="Nägel")
    assert (status, Item.objects.filter(name="Nägel").exists()) == (403, False), answer
    assert walking.Program(jwt).call(reverse("items")) == (200, [])


def stopping(ada: Person) -> None:
    """The policy's word holds from the next request on, and the owner's end is the tokens' end."""
    jwt = walking.command("apitokens_create", user=ada.email, name="Waage")
    program, items = walking.Program(jwt), reverse("items")
    assert program.call(items)[0] == 200
    Team.objects.filter(pk=ada.team_id).update(archived=True)
    assert program.call(items)[0] == 401
    assert "Das Team ist aufgelöst" in walking.Person(ada, SHELL).open("list")
    Team.objects.filter(pk=ada.team_id).update(archived=False)
    assert program.call(items)[0] == 200
    Item.objects.all().delete()
    Team.objects.get(pk=ada.team_id).delete()
    assert not APIToken.objects.filter(owner=ada.team_id).exists()
    assert program.call(items)[0] == 401


def walk() -> None:
    ada, bert = before()
    walking.command("migrate", verbosity=0)
    walking.whole()
    faces(ada)
    walking.life_of_a_token(walking.Person(ada, SHELL), reverse("items"))
    walking.commands(ada.email, reverse("items"))
    attribution(ada)
    tenants(ada, bert)
    boss = Person.objects.create_user("chef@lager.test", is_staff=True, is_superuser=True)
    walking.admin_pages(boss, "stock_item_changelist")
    owner_is_fixed()
    stopping(ada)


def owner_is_fixed() -> None:
    """APITOKENS_OWNER_MODEL can't be changed once the tables stand."""
    from django.core.checks import run_checks
    from django.test import override_settings

    with override_settings(APITOKENS_OWNER_MODEL="people.Person"):
        found = [error.id for error in run_checks(databases=["default"])]
    assert "apitokens.E003" in found, found


if __name__ == "__main__":
    walk()
    print("walked")
