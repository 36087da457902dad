import json
import re

from django.core.management.base import BaseCommand

from apitokens.conf import conf
from apitokens.signing import PREFIX, token_pattern

GITLEAKS = """\
# gitleaks, into .gitleaks.toml
[[rules]]
id = "{id}"
description = "{description}"
regex = '''{regex}'''
keywords = ["{keyword}"]
"""

GITHUB = """\
# GitHub, secret scanning, custom pattern
Pattern name: {name}
Secret format: {secret_format}
Before secret: {before_secret}
After secret: {after_secret}
"""


class Command(BaseCommand):
    help = "Print the rule by which secret scanners find the API tokens of this deployment."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="both forms as one JSON object")

    def handle(self, *, json, **options):
        self.stdout.write(as_json(rules()) if json else as_text(rules()), ending="")


def rules():
    """Issuer and audience hold as long as any token; keys come and go and are left out."""
    pattern = token_pattern(conf.issuer, conf.audience)
    slug = re.sub(r"[^a-z0-9]+", "-", conf.issuer.lower()).strip("-") or "apitokens"
    return {
        "gitleaks": {
            "id": f"{slug}-api-token",
            "description": f"API token of {slug}",
            "regex": pattern,
            "keyword": PREFIX.lower(),
        },
        "github": {
            "name": f"API token of {slug}",
            "secret_format": pattern,
            "before_secret": r"\A|[^0-9A-Za-z_-]",
            "after_secret": r"\z|[^0-9A-Za-z_-]",
        },
    }


def as_text(both):
    return f"{GITLEAKS.format(**both['gitleaks'])}\n{GITHUB.format(**both['github'])}"


def as_json(both):
    return json.dumps(both) + "\n"
