"""The whole way of a project that had users and books, and now gets tokens."""

import os

import django

django.setup()

import walking
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from plain.shelf.models import Book

SHELL = '<body class="at-shell">'
"""The app's own shell: this project has none."""


def before() -> User:
    """The project as it was: a user, and a book that nobody is known to have added."""
    walking.command("migrate", "auth", verbosity=0)
    walking.command("migrate", "shelf", "0001", verbosity=0)
    walking.command("migrate", "admin", verbosity=0)
    walking.command("migrate", "sessions", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shelf_book (title) VALUES ('Emma')")
    return User.objects.create_superuser("maya", password="correct horse 9")


def attribution(user: User) -> None:
    jwt = walking.command("apitokens_create", user="maya", name="Bookshop sync")
    program, books = walking.Program(jwt), reverse("books")
    status, added = program.call(books, title="Persuasion")
    assert (status, added["added_by"]) == (201, "API(Bookshop sync)"), added
    _, listed = program.call(books)
    assert [book["title"] for book in listed] == ["Emma", "Persuasion"]
    assert "API(" not in listed[0]["added_by"]
    book = Book.objects.get(title="Persuasion")
    assert (book.added_by, book.added_through.name) == (user, "Bookshop sync")
    walking.Person(user, SHELL).rename(book.added_through, "Shop")
    book.refresh_from_db()
    book.added_through.delete()
    assert Book.objects.get(title="Persuasion").added_by_label == "API(Shop)"


def robot() -> None:
    """A program that acts as nobody but itself: a user who can't sign in."""
    jwt = walking.command("apitokens_create", user="robot", new_user=True, name="Robot arm")
    status, me = walking.Program(jwt).call(reverse("apitokens:me"))
    assert (status, me["label"], me["owner"]) == (200, "API(Robot arm)", "robot"), me
    assert not User.objects.get(username="robot").has_usable_password()
    assert not authenticate(username="robot", password="")


def walk() -> None:
    user = before()
    algorithm = os.environ.get("ALGORITHM", "HS256")
    assert walking.command("apitokens_keys", "new", alg=algorithm).endswith("active")
    walking.command("migrate", verbosity=0)
    walking.whole()
    assert algorithm in walking.command("apitokens_keys", "status")
    walking.life_of_a_token(walking.Person(user, SHELL), reverse("books"))
    walking.commands("maya", reverse("books"))
    robot()
    attribution(user)
    walking.admin_pages(user, "shelf_book_changelist")


if __name__ == "__main__":
    walk()
    print("walked")
