"""Every public class, function, method and property says what it is for, where it stands."""

import importlib
import inspect

import pytest

from tests.docs.test_public_names import PUBLIC, names_of


def members(cls):
    """What the class defines itself, for others to call or read."""
    for name, value in vars(cls).items():
        function = getattr(value, "__func__", value)
        if name[0] != "_" and (inspect.isfunction(function) or isinstance(function, property)):
            yield name, getattr(cls, name, function)


def public(module):
    """(name, thing) of everything that *module* gives and that can have a docstring."""
    for name in sorted(names_of(module)):
        thing = getattr(importlib.import_module(module), name)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            yield name, thing
        if inspect.isclass(thing):
            yield from ((f"{name}.{member}", value) for member, value in members(thing))


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_thing_has_a_docstring(module):
    bare = [name for name, thing in public(module) if not inspect.getdoc(thing)]
    assert [name for name in bare if not name.endswith(".media")] == []  # Django's, without one


def test_there_are_many_of_them():
    count = sum(len(list(public(module))) for module in PUBLIC)
    print(f"\n{count} public classes, functions, methods and properties")
    assert count > 120
