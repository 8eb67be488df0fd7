"""Print a notebook as plain text: the textconv of `git diff` for *.ipynb.

    git config diff.notebook.textconv "python tests/as_text.py"

An edited line then shows as one line, not as the forty lines of JSON around it.
"""

from __future__ import annotations

import json
import sys


def lines(value: str | list[str]) -> list[str]:
    return "".join(value).splitlines()


def output_lines(output: dict) -> list[str]:
    """What an output shows, a picture by its kind, size and words."""
    if "data" not in output:
        return lines(output.get("text", f"{output.get('ename')}: {output.get('evalue')}"))
    data = output["data"]
    shown = lines(data.get("text/plain", []))
    for mime in sorted(set(data) - {"text/plain"}):
        alt = output.get("metadata", {}).get(mime, {}).get("alt", "")
        size = len("".join(data[mime])) if not isinstance(data[mime], dict) else len(json.dumps(data[mime]))
        shown.append(f"[{mime}, {size} characters] {alt}".rstrip())
    return shown


def as_text(notebook: dict) -> str:
    """The cells of a notebook, one after the other, outputs set off by a bar.

    >>> print(as_text({"cells": [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# Hello"]}]}))
    ── markdown title
    # Hello
    """
    text = []
    for cell in notebook["cells"]:
        tags = " ".join(sorted(cell["metadata"].get("tags", [])))
        text.append(f"── {cell['cell_type']} {cell.get('id', '')} {tags}".rstrip())
        text += lines(cell["source"])
        text += [f"│ {line}" for output in cell.get("outputs", []) for line in output_lines(output)]
    return "\n".join(text)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    with open(sys.argv[1], encoding="utf-8") as file:
        print(as_text(json.load(file)))
