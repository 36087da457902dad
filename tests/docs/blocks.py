"""The fenced blocks of a page and what each is for: CONTRIBUTING.md, "Blocks that run"."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>[\w+-]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(
    r"^(?:# |\{# |/\* |<!-- )(?P<path>[\w./-]+\.\w+)(?P<end>, at the end)?(?: #\}| \*/| -->)?$"
)
OUTPUTS = {"text", "json", "http"}
SHELL = "# manage.py shell"


class CannotRun(AssertionError):
    """A block that nobody could run or compare: it would only look as if it were tested."""


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    where: str  # page and line

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def file(self) -> tuple[str, bool] | None:
        """The file that this block is, and whether it is only its end."""
        found = FILE.match(self.first_line)
        return (found["path"], bool(found["end"])) if found else None

    @property
    def role(self) -> str:
        """What to do with it: ``run``, ``shell``, ``file``, ``output`` or ``nginx``."""
        if self.language == "sh":
            return "run"
        if self.language in OUTPUTS:
            return "output"
        if self.language == "nginx":
            return "nginx"
        if self.language == "python" and self.first_line == SHELL:
            return "shell"
        if self.language and self.file:
            return "file"
        raise CannotRun(f"{self.where}: a block that names no file and is no sh is run by nobody")


def blocks_of(page: Path) -> list[Block]:
    """Every block of *page*. Raises CannotRun for fences that would be overlooked."""
    text = page.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    if text.count("```") != 2 * len(found) or "~~~" in text:
        raise CannotRun(f"{page.name}: a fence that is indented, unclosed or of another kind")
    return [
        Block(f["language"], f["text"], f"{page.name}:{text.count(chr(10), 0, f.start()) + 1}")
        for f in found
    ]
