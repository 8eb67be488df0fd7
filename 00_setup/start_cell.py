"""The first cell of every notebook: generated, because the address of the course stands in one place only."""

from __future__ import annotations

from pathlib import Path

import course

TEMPLATE = """\
from pathlib import Path

if not Path("../00_setup").is_dir():  # Colab opens this notebook alone: fetch the rest of the course, once
    if not Path("ground-up").is_dir():
        !git clone -q --depth 1 {address} ground-up
    %cd -q ground-up/{folder}
%run ../00_setup/start.py {noun}"""


def start_cell(noun: str, folder: str, address: str) -> str:
    """The source of the cell `start` of notebook `noun` in `folder`, for a course published at `address`.

    >>> print(start_cell("vectors", "01_linear_algebra", "https://example.org/a/b").splitlines()[-1])
    %run ../00_setup/start.py vectors
    """
    return TEMPLATE.format(noun=noun, folder=folder, address=address)


def first_cell(path: Path) -> str:
    """The first cell that the notebook file `path` must have, by its name and the address in `course.toml`."""
    return start_cell(path.stem[3:], path.resolve().parent.name, course.load().address)
