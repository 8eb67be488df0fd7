"""Run an answer in a process of its own, which can be killed: where no timer can interrupt it.

The process makes the function again from the source of its cell, as a later notebook would: among what the
notebook hands on. Cases go in and outcomes come back pickled; what cannot travel is named, not lost.
"""

from __future__ import annotations

import importlib
import multiprocessing
import pickle
from collections.abc import Callable, Iterator

import notebook
from guard import Outcome, Recipe, message, outcome_of

START = 120.0  # seconds in which the process has to have imported the notebook


def rebuilt(noun: str, source: str, name: str) -> Callable:
    """The function `name` made again from `source`, the text of a cell, among the names of its notebook.

    Raises whatever the notebook or the source raises; NameError if the source defines no `name`.
    """
    names = dict(vars(importlib.import_module(f"built.{noun}")))
    names.pop(name, None)
    names["check"] = lambda function: function
    exec(compile(notebook.python(source), f"<{name}>", "exec"), names)
    if name not in names:
        raise NameError(f"the cell defines no `{name}`", name=name)
    return names[name]


def in_process(recipe: Recipe, cases: list, seconds: float) -> Iterator[Outcome]:
    """What comes of the function on each case, in a spawned process; ends with the first that does not end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=work, args=(theirs, recipe, cases), daemon=True)
    worker.start()
    theirs.close()
    try:
        ready = ours.recv() if ours.poll(START) else Outcome("error", error=RuntimeError("no process could be started"))
        if ready is not None:
            yield ready
            return
        for _ in cases:
            if not ours.poll(seconds):
                yield Outcome("timeout", seconds=seconds)
                return
            yield ours.recv()
    except EOFError:
        yield Outcome("error", error=RuntimeError("it ended the process in which it ran"))
    finally:
        worker.kill()
        worker.join()
        ours.close()


def work(pipe, recipe: Recipe, cases: list) -> None:
    """In the new process: make the function, run the cases, send what came of each."""
    try:
        function = rebuilt(recipe.noun, recipe.source, recipe.name)
    except BaseException as error:  # noqa: BLE001  (a cell may raise anything)
        pipe.send(portable(Outcome("error", error=error)))
        return
    pipe.send(None)
    for case in cases:
        pipe.send(portable(outcome_of(function, case, seconds=START)))


def portable(outcome: Outcome) -> Outcome:
    """The outcome as it can travel to another process; an error becomes one of Python's own if it must."""
    try:
        pickle.loads(pickle.dumps(outcome))
        return outcome
    except Exception:  # noqa: BLE001  (a learner's class may do anything when it is pickled)
        if outcome.kind == "error":
            kind = next(k for k in type(outcome.error).__mro__ if k.__module__ == "builtins" and k is not UnicodeError)
            return Outcome("error", error=kind(message(outcome.error)), printed=outcome.printed)
        trouble = TypeError(f"a {type(outcome.value).__name__} came back, which cannot be sent between processes")
        return Outcome("error", error=trouble, printed=outcome.printed)
