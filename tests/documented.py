"""The JSON that docs/api.md shows, to be held against what is served."""

import json
import re

from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "api.md"


def documented(heading):
    """Every JSON example below *heading*, in order."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    assert found, heading
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", section, re.S | re.M)]
