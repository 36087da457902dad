"""The reference says what the code does: no name is missing, and none is made up."""

import ast
import inspect
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.dispatch import Signal

from apitokens import checks, conf, exceptions, services, signals
from apitokens.policy import TokenPolicy

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
REFERENCE = {page.stem: page.read_text(encoding="utf-8") for page in PAGES
             if page.parent.name == "reference"}  # fmt: skip
OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
NAMES = [page.relative_to(ROOT / "docs").as_posix() for page in PAGES]
COMMANDS = sorted(name for name, app in get_commands().items() if app == "apitokens")


def section(page, title):
    return REFERENCE[page].split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text):
    """First cell, without its backquotes, → the others, of every table in *text*."""
    cells = (re.split(r" ?\| ?", line)[1:-1] for line in text.splitlines() if line[:1] == "|")
    return {first.strip("`"): rest for first, *rest in cells if first.startswith("`")}


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def settings_read():
    """Setting → default, of each ``self._get("NAME", default)`` in conf."""
    calls = [n for n in ast.walk(ast.parse(inspect.getsource(conf))) if isinstance(n, ast.Call)]
    return {
        f"APITOKENS_{call.args[0].value}": ast.literal_eval(call.args[1])
        for call in calls
        if getattr(call.func, "attr", "") == "_get" and isinstance(call.args[0], ast.Constant)
    }


def test_every_setting_has_a_row_with_its_default_and_every_row_is_a_setting():
    table = rows(REFERENCE["settings"])
    told = {name: cells[1].strip("`") for name, cells in table.items()}
    defaults = {
        name: None if text == "–" else ast.literal_eval(text) for name, text in told.items()
    }
    assert defaults == settings_read()
    assert len(defaults) > 20


def test_every_member_of_the_policy_has_a_row():
    members = {name for name in vars(TokenPolicy) if not name.startswith("_")}
    assert {name.partition("(")[0] for name in rows(REFERENCE["policy"])} == members


def test_methods_of_the_policy_are_told_with_their_arguments():
    for row in rows(REFERENCE["policy"]):
        name, bracket, arguments = row.partition("(")
        if bracket:
            wanted = ", ".join(list(inspect.signature(getattr(TokenPolicy, name)).parameters)[1:])
            assert arguments == f"{wanted})", name


def bare(name):
    """The call of a service as the reference writes it: without types."""
    signature = inspect.signature(getattr(services, name))
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return f"{name}{inspect.Signature(parameters)}"


def test_every_service_has_a_row_with_its_signature():
    names = [name for name in services.__all__ if name != "OVERLAPS"]
    assert set(rows(section("services", "Services"))) == {bare(name) for name in names}


@pytest.mark.parametrize("name", [n for n in services.__all__ if n != "OVERLAPS"])
def test_the_row_of_a_service_names_the_errors_that_it_says_it_raises(name):
    known = {*error_names(), "ValidationError"}
    promised = (getattr(services, name).__doc__ or "").partition("Raises")[2]
    raised = known.intersection(re.findall(r"\w+", promised))
    told = known.intersection(
        re.findall(r"\w+", rows(section("services", "Services"))[bare(name)][1])
    )
    assert told >= raised
    if raised:
        assert told == raised


def error_names():
    found = vars(exceptions).values()
    errors = {e for e in found if isinstance(e, type) and issubclass(e, exceptions.APITokenError)}
    return {error.__name__ for error in errors - {exceptions.APITokenError}}


def test_every_error_has_a_row():
    assert set(rows(section("services", "Errors"))) == error_names()


def test_every_signal_has_a_row():
    sent = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert set(rows(REFERENCE["signals"])) == sent


def test_every_check_has_a_row_and_every_row_a_check():
    sources = "".join(p.read_text() for p in Path(checks.__file__).parent.glob("*.py"))
    assert set(rows(REFERENCE["checks"])) == set(re.findall(r'id="(apitokens\.[EW]\d+)"', sources))


def test_every_command_has_a_row_and_an_example():
    table = REFERENCE["commands"].partition("\n## Options\n")[0]
    assert set(rows(table)) == set(COMMANDS)
    assert {line.split()[1] for line in examples()} == set(COMMANDS)


def examples():
    return [line for block in blocks(REFERENCE["commands"], "sh") for line in block.splitlines()]


@pytest.mark.parametrize("line", examples())
def test_the_options_of_an_example_exist(line):
    _, name, *arguments = shlex.split(line)
    load_command_class("apitokens", name).create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_that_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    if page.name != "performance.md":  # its contenders are called apitokens_… as well
        named.update(re.findall(r"`(apitokens_\w+)[` ]", text))
    assert named <= set(get_commands())


PYTHON = [(name, block) for name, page in zip(NAMES, PAGES, strict=True)
          for block in blocks(page.read_text(encoding="utf-8"), "python")]  # fmt: skip


@pytest.mark.parametrize(("page", "block"), PYTHON, ids=range(len(PYTHON)))
def test_python_in_the_docs_compiles(page, block):
    compile(block, page, "exec")


@pytest.mark.parametrize(("page", "block"), PYTHON, ids=range(len(PYTHON)))
def test_names_that_python_in_the_docs_imports_from_here_exist(page, block):
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("apitokens"):
            module = __import__(node.module, fromlist=["_"])
            assert all(hasattr(module, alias.name) for alias in node.names), node.module


def test_every_variable_of_the_environment_has_a_row_in_operate():
    source = (ROOT / "svportal" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env\.\w+|required)\(\s*"([A-Z_]+)"', source))
    told = {name for line in OPERATE.splitlines() if line[:1] == "|"
            for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1])}  # fmt: skip
    assert read <= told
