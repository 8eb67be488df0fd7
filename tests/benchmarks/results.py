"""Where benchmarks put their results: one section each in RESULTS.md, replaced when it is measured again."""

import platform
import re
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")
TITLE = "# Benchmarks\n\nMeasured by hand on a quiet machine, never asserted. Each section names its command.\n"


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A Markdown table.

    >>> table(["a"], [["1"]])
    '| a |\\n|---|\\n| 1 |'
    """
    lines = [columns, *rows]
    text = [f"| {' | '.join(map(str, line))} |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(columns), *text[1:]])


def write(section: str, command: str, body: str) -> None:
    """Put `body` under the heading `section` of RESULTS.md, in place of what stood there; the rest is kept."""
    text = FILE.read_text("utf-8") if FILE.is_file() else TITLE
    new = (
        f"## {section}\n\n`{command}`, Python {platform.python_version()}, {platform.machine()}, one thread\n\n{body}\n"
    )
    old = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    text = old.sub(lambda _: new + "\n", text) if old.search(text) else f"{text.rstrip()}\n\n{new}"
    FILE.write_text(text.rstrip() + "\n", "utf-8")
