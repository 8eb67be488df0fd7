"""Whose version of an exercise runs: the learner's while `check` has passed on that very source, else the published.

The proof is a record in the log that holds the key of the source which passed. Nobody has to mark anything
as done, and an answer that was changed after it passed is not believed until it passes again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import kernel_cells
import notebook
import progress
from notebook import Exercise

Passed = Mapping[tuple[str, str], Mapping[str, str]]  # (noun, name) → {key of the source: source}, oldest first


@dataclass(frozen=True)
class Answer:
    """The source that stands for an exercise: `state` is "yours" or "published", `why` says why not yours."""

    source: str
    state: str
    why: str = ""


@dataclass(frozen=True)
class Piece:
    """The part of a notebook's source that comes from one cell; `name` is what tracebacks show."""

    cell: str
    name: str
    source: str


def attempts() -> tuple[Passed, set[tuple[str, str]]]:
    """What the log says: the sources that passed, and every (noun, name) that was ever attempted."""
    passed: dict[tuple[str, str], dict[str, str]] = {}
    tried = set()
    for record in progress.records("check"):
        of = record.get("notebook"), record.get("name")
        if record.get("status") != "empty":
            tried.add(of)
        known = passed.setdefault(of, {})
        known.pop(record.get("key"), None)  # the last word counts: a source that passed may fail since
        if record.get("status") == "solved":
            known[record["key"]] = record["source"]
    return passed, tried


def answer(exercise: Exercise, source: str, passed: Passed) -> Answer:
    """Whose version of `exercise` runs while its cell holds `source`.

    On a hosted machine the notebook file is as published whatever was typed, because the learner edits a
    copy of it elsewhere. So there, beside an untouched stub, the answer that passed last is taken from the log.
    """
    known = passed.get((exercise.noun, exercise.name), {})
    if progress.source_key(source) in known:
        return Answer(source, "yours")
    if notebook.is_empty(source, exercise.name):
        if os.environ.get("GROUNDUP_HOSTED") and known:
            return Answer(list(known.values())[-1], "yours")
        return Answer(exercise.solution, "published", "not attempted")
    why = "changed since it passed" if known else "has not passed"
    return Answer(exercise.solution, "published", why)


def handed_on(path: Path) -> tuple[list[Piece], dict[str, Answer], bool]:
    """What a notebook hands on, cell by cell; which version of each core exercise; was any of them attempted?"""
    noun, cells = notebook.noun(path), notebook.cells(path)
    sources = {cell.id: cell.source for cell in cells if cell.kind == "code"} | kernel_cells.shared(noun)
    tags: dict[str, frozenset[str]] = {cell.id: cell.tags for cell in cells}
    core = {one.cell.id: one for one in notebook.exercises(path).values() if one.core}
    passed, tried = attempts() if core else ({}, set())
    found, chosen = [], {}
    for cell, source in sources.items():
        if cell in core:
            chosen[core[cell].name] = answer(core[cell], source, passed)
            source = chosen[core[cell].name].source
        elif "exercise" in tags.get(cell, ()) or "raises-exception" in tags.get(cell, ()):  # its error is its point
            continue
        found.append(Piece(cell, f"{path}, cell {cell}", notebook.python(source).rstrip()))
    return found, chosen, any((noun, name) in tried for name in chosen)


def told(noun: str, chosen: Mapping[str, Answer]) -> str:
    """One paragraph on whose versions `built.NOUN` hands on.

    >>> told("vectors", {"cosine": Answer("", "yours"), "top_k": Answer("", "published", "has not passed")})
    'In `built.vectors`, `cosine` is yours. The published version stands in for `top_k` (has not passed).'
    """
    yours = [f"`{name}`" for name, one in chosen.items() if one.state == "yours"]
    others = [f"`{name}` ({one.why})" for name, one in chosen.items() if one.state != "yours"]
    words = [f"{', '.join(yours)} {'is' if len(yours) == 1 else 'are'} yours."] if yours else []
    if others:
        words.append(f"The published version stands in for {', '.join(others)}.")
    return f"In `built.{noun}`, {' '.join(words)}" if yours else f"`built.{noun}`: {' '.join(words)}"
