"""Five minutes: the README's commands and lines, as they stand there, in a blank project."""

import json
import os
import re
import subprocess
import time
from contextlib import contextmanager
from zipfile import ZipFile

import pytest

from tests.hosts.hosts import ROOT, dist, environment, make_environment, pip, wheel
from tests.servers import free_port, get, wait_for

README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE = (ROOT / "apitokens" / "README.md").read_text(encoding="utf-8")
PORT = 8000
SERVER = "python manage.py runserver"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"# (\S+), at the end\n")


def section(text, title):
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


START = section(README, "Use `apitokens` in your own project")


def commands(text=START):
    """Every line of the shell, in order."""
    shell = [block for language, block in BLOCK.findall(text) if language == "sh"]
    return [line for block in shell for line in block.splitlines()]


def changes(text=START):
    """File of the host → the lines that it gets."""
    python = [block for language, block in BLOCK.findall(text) if language == "python"]
    return {PLACE.match(block)[1]: PLACE.sub("", block, count=1) for block in python}


def test_it_takes_at_most_5_commands_and_6_lines():
    lines = [line for text in changes().values() for line in text.splitlines() if line.strip()]
    print(f"\nfrom pip install to the first call: {len(commands())} commands, {len(lines)} lines")
    assert 3 <= len(commands()) <= 5
    assert 3 <= len(lines) <= 6
    assert commands()[0].startswith("pip install ")
    assert commands()[-1].startswith("curl ")


def test_the_wheels_own_description_says_the_same():
    its = section(PACKAGE, "Five minutes")
    assert (commands(its), changes(its)) == (commands(), changes())


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A blank project of `startproject`, in an environment with Django alone, and its variables."""
    folder = tmp_path_factory.mktemp("start")
    make_environment(folder / "venv")
    pip(folder / "venv" / "bin" / "python", "install", "Django")
    (folder / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
    variables = environment(
        PATH=f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        VIRTUAL_ENV=str(folder / "venv"),
        CURL_HOME=str(folder),
        PIP_FIND_LINKS=f"{dist()} {os.environ.get('PIP_FIND_LINKS', '')}".strip(),
    )
    site = folder / "site"
    site.mkdir()
    shell("django-admin startproject mysite .", site, variables)
    return site, variables


def shell(command, folder, variables):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=variables,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def serving(command, port, folder, variables):
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=variables, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: get(port, "/settings/api-tokens/")[0])
        yield
    finally:
        os.killpg(process.pid, 15)  # the one that watches for changes, and the one that serves
        process.wait(timeout=10)


def available_port():
    """The README's, unless somebody else has it: then another one stands in the commands."""
    try:
        get(PORT, "/")
    except OSError:
        return PORT
    return free_port()


def test_the_readme_leads_from_a_blank_project_to_the_first_call(project):
    site, variables = project
    port, started = available_port(), time.monotonic()
    install, *prepare, server, call = commands()
    assert server == SERVER
    if port != PORT:
        server, call = f"{server} {port}", call.replace(f":{PORT}/", f":{port}/")
    shell(install, site, variables)
    for name, lines in changes().items():
        with open(site / name, "a") as file:
            file.write(f"\n{lines}")
    for command in prepare:
        shell(command, site, variables)
    with serving(server, port, site, variables):
        body, status = shell(call, site, variables).rsplit("\n", 1)
        seconds = time.monotonic() - started
        print(f"\nthe machine's share of the five minutes: {seconds:.0f} s")
        page, headers, _ = get(port, "/settings/api-tokens/")
    me = json.loads(body)
    assert (status, me["label"], me["owner"]) == ("200", "API(First call)", "robot")
    assert (page, headers["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert (site / "api-token-keys.json").stat().st_mode & 0o777 == 0o600
    assert_the_wheel_is_what_was_installed(site.parent / "venv")


def assert_the_wheel_is_what_was_installed(venv):
    """And no other package of this name."""
    (packages,) = venv.glob("lib/python*/site-packages")
    with ZipFile(wheel()) as archive:
        for name in archive.namelist():
            if name.startswith("apitokens/"):
                assert (packages / name).read_bytes() == archive.read(name), name
