"""The cases on which an answer is judged: the examples of its specification, then what its judge thinks of."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

import judges
import notebook
from compare import short
from guard import refuse_coroutine
from judges import Args, Judge
from notebook import Exercise

Answer = Callable


@dataclass(frozen=True)
class Example:
    """An example of the specification as a case: `code` is run after `setup`, among the names of the notebook."""

    noun: str
    name: str
    code: str
    setup: tuple[str, ...] = ()

    def prepared(self, function: Answer) -> tuple[Callable, tuple, dict]:
        """What to call, and with what."""
        return functools.partial(self.run, function), (), {}

    def run(self, function: Answer) -> object:
        """The value of the example with `function` in the place of the solution; None for a statement."""
        gave = []

        def watched(*args, **kwargs):
            gave.append(function(*args, **kwargs))
            refuse_coroutine(gave[-1])
            return gave[-1]

        plain = isinstance(function, FunctionType)
        names = namespace(self.noun) | {self.name: watched if plain else function}
        for line in self.setup:
            exec(line, names)
        try:
            code = compile(self.code, "<example>", "eval")
        except SyntaxError:
            exec(self.code, names)
            return None
        try:
            return eval(code, names)
        except (TypeError, AttributeError):  # `round(None, 3)` would hide that a `return` is missing
            if gave and gave[-1] is None:
                return None
            raise


@dataclass(frozen=True)
class Driven:
    """A case of a judge that says itself what to do with the answer."""

    noun: str
    name: str
    args: Args

    def prepared(self, function: Answer) -> tuple[Callable, tuple, dict]:
        """What to call, and with what."""
        drive = judges.load(self.noun).exercises[self.name].drive
        return functools.partial(drive, function), self.args.positional, self.args.keyword


def namespace(noun: str) -> dict:
    """What notebook `noun` hands on, as a dict of one's own. Says nothing about whose versions they are."""
    import built

    told, built.tell = built.tell, lambda words: None
    try:
        return dict(vars(importlib.import_module(f"built.{noun}")))
    finally:
        built.tell = told


def cases_of(exercise: Exercise, judge: Judge) -> list:
    """The examples of the specification, then what the judge thinks of; the same each time."""
    node = notebook.first_named(exercise.solution, exercise.name)
    found, setup = [], ()
    for example in doctest.DocTestParser().get_examples(ast.get_docstring(node) or ""):
        code = example.source.strip()
        found.append(Example(exercise.noun, exercise.name, code, setup))
        if not is_expression(code):
            setup += (code,)
    for case in judge.cases(random.Random(0)):
        args = case if isinstance(case, Args) else Args(*case)
        found.append(Driven(exercise.noun, exercise.name, args) if judge.drive else args)
    return found


def is_expression(code: str) -> bool:
    """Has this line a value?"""
    try:
        compile(code, "<example>", "eval")
    except SyntaxError:
        return False
    return True


def call_text(name: str, case: object) -> str:
    """A case as the learner would type it."""
    if isinstance(case, Example):
        return short(case.code).strip("'\"") if "\n" in case.code else case.code
    args = case.args if isinstance(case, Driven) else case
    inside = [*map(short, args.positional), *(f"{key}={short(value)}" for key, value in args.keyword.items())]
    return f"{name}({', '.join(inside)})"
