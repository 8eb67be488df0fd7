"""What goes stale, in one place: model ids, protocol revisions, product facts, each with the day it was checked."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).with_name("facts.toml")


@dataclass(frozen=True)
class Fact:
    """One thing that will not stay true: its value, what it is, when it was checked, and where."""

    name: str
    value: object
    about: str
    checked: date
    source: str


@functools.cache
def facts() -> dict[str, Fact]:
    """All facts by name.

    >>> all(fact.source for fact in facts().values())
    True
    """
    with open(FILE, "rb") as stream:
        return {name: Fact(name=name, **entry) for name, entry in tomllib.load(stream).items()}


def fact(name: str):
    """The value of the fact `name`. Raises KeyError, with the names there are, for another.

    >>> fact("mcp_revision")
    '2026-07-28'
    """
    if name not in facts():
        raise KeyError(f"no fact is called {name!r}: facts.toml has {', '.join(sorted(facts()))}")
    return facts()[name].value
