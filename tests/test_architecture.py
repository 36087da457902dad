"""Rules that matter, kept by tests rather than by memory."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = [
    path
    for folder in ("accounts", "apitokens", "candidates", "integrations", "svportal")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("apitokens/templates/**/*.html")])


def tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


def code_but(*allowed):
    return [p for p in CODE if str(p.relative_to(ROOT)) not in allowed]


def test_only_attribution_builds_the_label():
    pattern = re.compile(r"""["']API\(""")
    found = [p for p in code_but("apitokens/models/token.py") if pattern.search(p.read_text())]
    assert not found, "APIToken.label is the one place that builds API(Token Name)"


def test_only_conf_reads_django_conf_in_apitokens():
    found = [
        p
        for p in code_but("apitokens/conf.py")
        if p.is_relative_to(ROOT / "apitokens")
        and "migrations" not in p.parts
        and "django.conf" in p.read_text()
    ]
    assert not found


def test_only_compiled_uses_the_private_parts_of_the_orm():
    private = re.compile(r"get_related_populators|get_compiler|klass_info|\bapply_converters")
    assert not [p for p in CODE if p.parent.name != "compiled" and private.search(p.read_text())]


def test_only_the_services_and_models_write_tokens():
    writing = re.compile(
        r"(APIToken|Credential|APITokenEvent)\.objects\.(create|bulk_create|update)"
    )
    assert not [
        p
        for p in CODE
        if p.parent not in (ROOT / "apitokens/services", ROOT / "apitokens/models")
        and writing.search(p.read_text())
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_hold_no_inline_script_style_or_data_uri(path):
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|data:image", text)


def test_no_file_of_the_code_is_over_300_lines():
    long = [
        p for p in CODE if "migrations" not in p.parts and len(p.read_text().splitlines()) > 300
    ]
    assert not long


def test_nine_functions_in_ten_are_under_20_lines():
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in CODE
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert sum(length < 20 for length in lengths) / len(lengths) > 0.9


def test_tracked_files_hold_no_secret_file():
    names = {str(p.relative_to(ROOT)) for p in tracked()}
    assert ".env" not in names
    assert not any(name.startswith(("var/", ".venv/", "staticfiles/")) for name in names)


@pytest.mark.parametrize("name", ["requirements", "requirements-engines", "requirements-dev"])
def test_locked_requirements_are_hashed_and_name_no_registry(name):
    text = (ROOT / f"{name}.txt").read_text()
    pins = re.findall(r"^[A-Za-z0-9_.-]+(?:\[[^\]]*\])?==", text, re.M)
    assert len(pins) > 3
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|--index-url|--extra-index|--find-links", text)


def test_no_style_sheet_holds_an_image_that_the_policy_forbids():
    """A browser may ask for it before a later sheet puts one of ours in its place."""
    sheets = [*ROOT.glob("static/**/*.css"), *ROOT.glob("apitokens/static/**/*.css")]
    assert sheets
    assert not [sheet for sheet in sheets if re.search(r"url\(.?data:", sheet.read_text())]
