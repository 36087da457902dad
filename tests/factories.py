"""Rows for tests, by the services' own doors where there are any."""

import factory
from django.contrib.auth.hashers import make_password

from accounts.models import AccessLevel, Company, User
from apitokens.services import issue_token
from candidates.models import AddOn, Category, Check, Package, Subtype, Tag

PASSWORD = "correct horse battery staple"


class CompanyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")
    slug = factory.Sequence(lambda n: f"company-{n}")


class UserFactory(factory.django.DjangoModelFactory):
    """An Admin of a company of their own, unless told otherwise."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    company = factory.SubFactory(CompanyFactory)
    access_level = AccessLevel.ADMIN


class StaffFactory(UserFactory):
    company = None
    access_level = ""
    is_staff = True
    is_superuser = True


class CheckFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Check
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"check-{n}")
    name = factory.Sequence(lambda n: f"Check {n}")


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    company = factory.SubFactory(CompanyFactory)
    name = factory.Sequence(lambda n: f"Category {n}")


class TagFactory(CategoryFactory):
    class Meta:
        model = Tag


class PackageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Package

    company = factory.SubFactory(CompanyFactory)
    name = factory.Sequence(lambda n: f"Package {n}")
    credits = 1000


class SubtypeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subtype
        skip_postgeneration_save = True

    package = factory.SubFactory(PackageFactory)
    name = factory.Sequence(lambda n: f"Subtype {n}")
    friendly_name = factory.LazyAttribute(lambda o: f"{o.name} for people")

    @factory.post_generation
    def checks(self, create, given, **kwargs):
        """Identity and address, unless told what: without a check no case ever ends."""
        if given is None:
            names = ["Identity", "Address"]
            given = [CheckFactory(code=name.lower(), name=name) for name in names]
        self.checks.set(given)


class AddOnFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AddOn

    company = factory.SubFactory(CompanyFactory)
    kind = factory.SubFactory(CheckFactory)
    price = 250


def make_token(owner=None, user=None, name="Greenhouse sync", lifetime=None, **kwargs):
    """(token, JWT) of *owner*, made by *user*; each is made up if not given."""
    user = user or UserFactory(**({"company": owner} if owner else {}))
    return issue_token(
        owner=owner or user.company, user=user, name=name, lifetime=lifetime, **kwargs
    )
