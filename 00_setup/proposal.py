"""A proposed change to a function of a notebook: both versions, and what they give on the same arguments."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import notebook
import published
from compare import difference
from guard import Outcome, Recipe, outcomes
from patch import changed

CLOSE = 1e-6  # two ways to compute the same thing round differently
SECONDS = 5.0  # that a version may take for a case


def versions(noun: str, name: str, diff: str) -> tuple[str, str]:
    """The published source of `name`, and the same with the change.

    Raises ValueError if the change does not fit it, or leaves something that is no Python.
    """
    trouble = None
    for source in sources(noun, name):
        try:
            new = changed(source, diff)
            ast.parse(new)
            return source, new
        except (ValueError, SyntaxError) as error:
            trouble = trouble or error
    if trouble is None:
        raise ValueError(f"notebook {noun!r} defines no {name!r} that could be reviewed")
    raise ValueError(f"the diff does not fit {name!r} of notebook {noun!r}: {trouble}") from trouble


def sources(noun: str, name: str) -> Iterator[str]:
    """Where the source may stand: the solution, the notebook as it is, and as it was before the learner's edits."""
    path = notebook.find(noun)
    exercise = notebook.exercises(path).get(name)
    if exercise:
        yield exercise.solution
        return
    for read in (notebook.cells, published.published):
        cells = [cell for cell in read(path) or [] if cell.kind == "code"]
        nodes = [(cell, notebook.first_named(cell.source, name)) for cell in cells]
        found = [published.with_decorators(notebook.python(cell.source), node) for cell, node in nodes if node]
        if found:
            yield found[-1] + "\n"


def run(noun: str, source: str, name: str, case: tuple) -> Outcome:
    """What `source` gives on a case, among the names of the notebook."""
    world = dict(vars(importlib.import_module(f"built.{noun}")))
    exec(compile(source, f"<a version of {name}>", "exec"), world)
    return next(outcomes(world[name], [case], SECONDS, Recipe(noun, source, name)))


def differ(before: Outcome, after: Outcome) -> bool:
    """Are two outcomes different: in kind, in the type of the error, in the value, in what became of the arguments?"""
    if before.kind != after.kind or type(before.error) is not type(after.error):
        return True
    if bool(before.spoilt) != bool(after.spoilt):
        return True
    return before.kind == "value" and difference(after.value, before.value, CLOSE) is not None
