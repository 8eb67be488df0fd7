"""Promises about how notebooks depend on each other: backwards, as the syllabus says, each name once."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import notebook as files

from promises import SETUP, Notebook, name, promise

SLOW_LANE = ("01_", "02_", "03_")  # modules that the fast lane does without


@cache
def siblings(root: Path) -> tuple[Notebook, ...]:
    return tuple(Notebook(path) for path in files.notebooks(root))


@cache
def edges(root: Path, asides: bool = True) -> dict[str, frozenset[str]]:
    """Which notebook imports from which, as the pages say; without `asides`, those alone that it cannot do without."""
    return {
        other.noun: frozenset(other.imports) - {other.noun} - (frozenset() if asides else other.asides)
        for other in siblings(root)
    }


def reach(noun: str, graph: dict[str, frozenset[str]]) -> set[str]:
    """All that is imported with `noun`, itself only if there is a circle."""
    found, waiting = set(), list(graph.get(noun, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(graph.get(other, ()))
    return found


@promise
def imports_point_backwards(notebook):
    """`from built.x` reaches only earlier notebooks that the syllabus names; the shop window may look ahead."""
    known = [row.noun for row in notebook.course.notebooks]
    if notebook.row is None:
        return  # said elsewhere
    allowed = notebook.course.requires(notebook.noun)
    for other in sorted(set(notebook.imports) - {notebook.noun}):
        if other not in known:
            yield f"imports built.{other}, which is no notebook of course.toml"
        elif notebook.path.parent.name == SETUP:
            continue
        elif known.index(other) > known.index(notebook.noun):
            yield f"imports built.{other}, which comes later. Move the definition, or the notebook"
        elif other not in allowed and other not in notebook.asides:
            yield f"imports built.{other}, which course.toml does not list in `needs` of {notebook.noun}. Add it there"


@promise
def imports_make_no_circle(notebook):
    """The imports between notebooks form a graph without circles."""
    graph = edges(notebook.root)
    if notebook.noun in reach(notebook.noun, graph):
        via = sorted(other for other in graph[notebook.noun] if notebook.noun in reach(other, graph))
        yield f"imports itself through built.{', built.'.join(via)}. Move what both need to an earlier notebook"


@promise
def fast_lane_stands_alone(notebook):
    """A notebook of the fast lane needs nothing of modules 01 to 03; a section that waits for one says so."""
    if notebook.noun not in notebook.course.fast_lane:
        return
    for other in sorted(reach(notebook.noun, edges(notebook.root, asides=False))):
        folder = next((row.folder for row in notebook.course.notebooks if row.noun == other), "")
        if folder.startswith(SLOW_LANE):
            yield f"is in the fast lane and reaches built.{other} of {folder}. Take the lane's own means"


@promise
def noun_is_unique(notebook):
    """A notebook is found by its noun alone."""
    same = [other.path for other in siblings(notebook.root) if other.noun == notebook.noun]
    if len(same) > 1:
        yield f"shares its noun with {', '.join(str(p.relative_to(notebook.root)) for p in same if p != notebook.path)}"


@promise
def names_are_unique_in_the_module(notebook):
    """Within a folder a name means one thing; across folders a later one says what it supersedes."""
    docs = {name(node): ast.get_docstring(node) or "" for node, _ in notebook.functions}
    docs |= {given: exercise.cell.source for given, exercise in notebook.exercises.items()}
    for other in siblings(notebook.root):
        if other.path >= notebook.path:
            break
        for given in sorted(other.names & notebook.names):
            if other.path.parent == notebook.path.parent:
                yield f"`{given}` is already defined in {other.path.name}. Import it, or give this one its own name"
            elif given in docs and f"built.{other.noun}" not in docs[given]:
                words = f"Supersedes built.{other.noun}.{given}"
                yield f"`{given}` is already defined in {other.path.name}. Say in its docstring: {words}"
