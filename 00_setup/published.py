"""What the course published, as the last commit has it, and what differs from it here."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path

import notebook
from definitions import exported, names
from notebook import ROOT, Cell


@dataclass(frozen=True)
class Change:
    """A definition that is not as published; `how` is "changed", "added" or "removed"; `published` its source."""

    noun: str
    name: str
    how: str
    published: str


class Changes(list):
    """The changes as a list that reads as a paragraph; `compared` is False where there is nothing to compare with."""

    def __init__(self, changes: list[Change], compared: bool = True):
        super().__init__(changes)
        self.compared = compared

    def __repr__(self) -> str:
        if not self.compared:
            return (
                "This copy of the course is no git checkout with a commit, so there is nothing to compare with. "
                "`git clone` the course beside it and compare the two folders."
            )
        if not self:
            return "Every definition is as published (exercises aside: those are yours to change)."
        rows = [f"built.{one.noun}.{one.name} is {one.how}" for one in self]
        files = sorted({str(notebook.find(one.noun).relative_to(ROOT)) for one in self})
        return "\n".join(
            [
                *rows,
                "One definition back: print(built.changed()[0].published) and put that into its cell.",
                f"A whole notebook back, your answers in it included: git restore --source=HEAD {' '.join(files)}",
            ]
        )


def defined(cells: list[Cell], file: str = "") -> dict[str, tuple[str, str]]:
    """{name: (its meaning, its source)} of the definitions outside exercises, the last one of a name.

    The meaning leaves out layout and comments, which nobody wants back.
    >>> defined([Cell("tau", "code", "TAU = 6.28  # about")])
    {'TAU': ("Assign(targets=[Name(id='TAU', ctx=Store())], value=Constant(value=6.28))", 'TAU = 6.28')}
    """
    found = {}
    for cell in cells:
        if cell.kind == "code" and "exercise" not in cell.tags:
            source = notebook.python(cell.source)
            for node in exported(cell.source, cell.id, file):
                for name in names(node):
                    found[name] = ast.dump(node), with_decorators(source, node)
    return found


def with_decorators(source: str, node: ast.stmt) -> str:
    """The lines of one definition, decorators included."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    if first == node.lineno:
        return ast.get_source_segment(source, node)
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def git(*words: str) -> str | None:
    """What git answers in the folder of the course; None if it refuses or is not there."""
    try:
        asked = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        return None
    return asked.stdout if asked.returncode == 0 else None


def published(path: Path) -> list[Cell] | None:
    """The cells of a notebook as the last commit has them, or None if it has no such file."""
    text = git("show", f"HEAD:./{path.relative_to(ROOT).as_posix()}")
    return None if text is None else notebook.parse(text)


def changed(noun: str | None = None) -> Changes:
    """Definitions outside exercises that differ from the last commit, and how to get them back.

    Of the notebook `noun`, or of all. Raises LookupError if there is no such notebook, SyntaxError if a cell
    does not parse.
    """
    if noun is not None and notebook.find(noun) is None:
        raise LookupError(f"no notebook is called {noun!r}: {', '.join(map(notebook.noun, notebook.notebooks()))}")
    if git("rev-parse", "--verify", "HEAD:./00_setup") is None:
        return Changes([], compared=False)
    touched = git("diff", "--name-only", "--relative", "--no-renames", "-z", "HEAD", "--", "*.ipynb").split("\0")
    found = []
    for path in notebook.notebooks() if noun is None else [notebook.find(noun)]:
        before = published(path) if path.relative_to(ROOT).as_posix() in touched else None
        if before is None:  # as published, or never published: a notebook of the learner's own
            continue
        old, new = defined(before, path.name), defined(notebook.cells(path), path.name)
        for name in {**old, **new}:
            how = "removed" if name not in new else "added" if name not in old else "changed"
            if old.get(name, ("",))[0] != new.get(name, ("",))[0]:
                found.append(Change(notebook.noun(path), name, how, old.get(name, ("", ""))[1]))
    return Changes(found)
