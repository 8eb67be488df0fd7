"""A course of a few tiny notebooks in a folder of its own, with the real machinery: for tests in fresh processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import notebook
import progress
from environment import surroundings


def md(name: str, text: str) -> dict:
    """A markdown cell."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def code(name: str, text: str, *tags: str) -> dict:
    """A code cell that was never run."""
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code", "id": name, "metadata": metadata, "source": text, "outputs": [], "execution_count": None
    }  # fmt: skip


def exercise(name: str, stub: str, solution: str, *tags: str) -> list[dict]:
    """An exercise and its solution, as the notebooks have them."""
    return [
        code(f"exercise-{name}", f"{stub}\n\n{name} = check({name})", "exercise", "nbval-ignore-output", *tags),
        md(
            f"solution-{name}",
            f"<details><summary>Solution</summary>\n\n```python\n{solution}\n```\n\nIt is.</details>",
        ),
    ]


class SmallCourse:
    """The course in `root`; `log` is its learner's data folder."""

    def __init__(self, root: Path):
        self.root, self.log = root, root.parent / "log"
        real = notebook.ROOT / "00_setup"
        only = shutil.ignore_patterns("*.ipynb", "__pycache__", ".ipynb_checkpoints", "runbooks", "*.png")
        shutil.copytree(real, root / "00_setup", ignore=only)
        shutil.copy(notebook.ROOT / "pyproject.toml", root)

    def write(self, file: str, *cells: dict) -> Path:
        """Store a notebook, `file` without the suffix."""
        path = self.root / f"{file}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
        return path

    def edit(self, path: Path, cell_id: str, source: str) -> None:
        """Change one cell and save."""
        content = json.loads(path.read_text("utf-8"))
        next(cell for cell in content["cells"] if cell["id"] == cell_id)["source"] = source
        path.write_text(json.dumps(content), "utf-8")

    def checked(self, noun: str, name: str, source: str, status: str = "solved") -> None:
        """Write into the log that `check` has seen `source`, a whole cell."""
        record = {"v": 1, "t": "2026-11-23T12:00:00+00:00", "kind": "check", "notebook": noun, "name": name}
        self.log.mkdir(exist_ok=True)
        with open(self.log / "log.jsonl", "a", encoding="utf-8") as log:
            key = progress.source_key(source)
            log.write(json.dumps(record | {"status": status, "source": source, "key": key}) + "\n")

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a process that works in this course."""
        clean = {name: value for name, value in surroundings(os.environ, str(self.log)).items() if name[:6] != "PYTEST"}
        return clean | {"PYTHONPATH": str(self.root / "00_setup"), **more}

    def run(self, program: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess:
        """Run `program` in a fresh Python, in a folder outside the course unless told otherwise."""
        return subprocess.run(
            [sys.executable, "-c", program], cwd=cwd or self.root.parent, env=self.environ(**more),
            capture_output=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    def python(self, program: str, **more: str) -> str:
        """What `program` prints in a fresh Python. Fails with its traceback if it fails."""
        ran = self.run(program, **more)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()
