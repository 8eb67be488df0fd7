"""Run code that may do anything: raise, hang, recurse, print for ever, spoil its arguments, end the process.

Whatever it does is an `Outcome`, never an exception in the notebook. In the main thread a timer interrupts it.
Where there is no such timer (Windows, other threads) `elsewhere.py` runs it in a process that can be killed.
One thing no timer can interrupt: a single call into compiled code that never returns. Neither can Jupyter.
"""

from __future__ import annotations

import builtins
import copy
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from compare import Stream, difference, short
from undisturbed import Bounded, undisturbed

ITEMS = 10_000  # of what a generator gives
AGAIN = 0.05  # seconds until the timer fires again, at code that swallowed it
PATIENCE = 4  # times; after that, no rest
STORM, BUSY = 5e-5, tuple(range(20_000))  # looking through BUSY takes longer, and Python runs no handler meanwhile
BUILTINS, ANYTHING, STOPPED = vars(builtins), BaseException, KeyboardInterrupt  # for code that deletes the builtins


class TimeUp(BaseException):
    """Raised into code that has run too long. No Exception, so that `except Exception` lets it pass."""


@dataclass
class Outcome:
    """What came of a call.

    kind: "value", "error", "timeout" or "interrupted". after: the arguments as the call left them.
    spoilt: how it changed them, None if it did not. printed: the beginning of what it printed.
    """

    kind: str
    value: object = None
    error: BaseException | None = None
    printed: str = ""
    spoilt: str | None = None
    after: tuple = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        match self.kind:
            case "value":
                return short(self.value)
            case "error":
                return f"{type(self.error).__name__}: {message(self.error)}"
            case "timeout":
                return f"no end within {self.seconds:.2g} seconds"
        return "an interruption"


@dataclass(frozen=True)
class Recipe:
    """How a fresh process makes the function again: the source of its cell, among the names of a notebook."""

    noun: str
    source: str
    name: str


def message(error: BaseException) -> str:
    """The message of an error in one short line; never raises."""
    try:
        text = " ".join(str(error).split())
    except Exception as trouble:  # noqa: BLE001  (a learner's __str__ may do anything)
        return f"(its message raises {type(trouble).__name__})"
    return (text if len(text) <= 160 else text[:159] + "…") or "(no message)"


def has_timer() -> bool:
    """Can a timer interrupt what runs in this thread?"""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def attempt(
    function: Callable, args: tuple = (), kwargs: dict | None = None, seconds: float = 5.0, space: dict | None = None
) -> Outcome:
    """Call `function` on copies of its arguments; what came of it, after about `seconds` at the latest.

    space: global names that a call must not change, by default those of `function`.
    Generators are run to their end. Without a timer (`has_timer()`) there is no limit.
    >>> attempt(lambda x: 1 / x, (0,)).kind, attempt(lambda x: x.pop(), ([1, 2],)).spoilt
    ('error', 'argument 1 was [1, 2] and is [1] afterwards')
    """
    given = copy.deepcopy((args, kwargs or {}))
    speech, began = Bounded(), time.monotonic()
    space = getattr(function, "__globals__", {}) if space is None else space
    with undisturbed(space, speech, Bounded()):
        outcome = limited(lambda: drawn(function(*given[0], **given[1])), seconds)
    outcome.seconds, outcome.printed, outcome.after = time.monotonic() - began, speech.kept, given
    outcome.spoilt = limited(lambda: mutation(given, (args, kwargs or {})), seconds).value
    return outcome


def outcomes(
    function: Callable, cases: Iterable, seconds: float, recipe: Recipe | None = None, process: bool | None = None
) -> Iterator[Outcome]:
    """What comes of `function` on each case in turn; ends after the first case that does not end.

    A case is a tuple of arguments, or has a method `prepared(function)` → (what to call, args, kwargs).
    process: in a process of its own (needs `recipe`); by default where there is no timer.
    """
    if recipe is not None and (process if process is not None else not has_timer()):
        from elsewhere import in_process  # which imports this module

        yield from in_process(recipe, list(cases), seconds)
        return
    for case in cases:
        outcome = outcome_of(function, case, seconds)
        yield outcome
        if outcome.kind in ("timeout", "interrupted"):
            return


def outcome_of(function: Callable, case: object, seconds: float) -> Outcome:
    """What comes of `function` on one case."""
    call, args, kwargs = case.prepared(function) if hasattr(case, "prepared") else (function, case, {})
    return attempt(call, args, kwargs, seconds, getattr(function, "__globals__", {}))


def mutation(after: tuple, before: tuple) -> str | None:
    """The first argument that a call has changed, in words."""
    named = list(zip(itertools.count(1), before[0], after[0])) + [(k, before[1][k], after[1][k]) for k in before[1]]
    for name, old, new in named:
        if difference(new, old, 0.0):
            return f"argument {name} was {short(old)} and is {short(new)} afterwards"
    return None


def drawn(value: object) -> object:
    """What a call gave; of a generator or another iterator, all that it gives."""
    refuse_coroutine(value)
    return Stream(itertools.islice(value, ITEMS)) if isinstance(value, Iterator) else value


def refuse_coroutine(value: object) -> None:
    """Raise TypeError for what `async def` gives."""
    if hasattr(type(value), "__await__"):
        value.close()
        raise TypeError("a coroutine came back, and nobody awaits it: write `def`, not `async def`")


def limited(call: Callable[[], object], seconds: float) -> Outcome:
    """The outcome of `call()`, which the timer ends after `seconds`, however it defends itself.

    Code may swallow the exception in a bare `except:`. After a few times the next signal is made to wait already
    while this one is raised: then it strikes between that `except:` and the next round.
    """
    fired, running, known = 0, True, BUILTINS.copy()

    def fire(number, frame):
        nonlocal fired
        if running:
            fired += 1
            if fired == PATIENCE:
                signal.setitimer(signal.ITIMER_REAL, STORM, STORM)
            if fired < PATIENCE or None not in BUSY:
                raise TimeUp

    timer, began = has_timer(), time.monotonic()
    if timer:
        handler = signal.signal(signal.SIGALRM, fire)
        left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        outcome = Outcome("value", call())
        running = False
    except TimeUp:
        running = False
        outcome = Outcome("timeout")
    except STOPPED:
        running = False
        outcome = Outcome("interrupted")
    except ANYTHING as error:  # SystemExit, RecursionError, MemoryError: answers too, and none ends the notebook
        running = False
        outcome = Outcome("error", error=error)
    finally:
        running = False
        BUILTINS.clear()
        BUILTINS.update(known)
        if timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            if left:
                signal.setitimer(signal.ITIMER_REAL, max(1e-6, left - (time.monotonic() - began)), interval)
    return Outcome("timeout") if fired else outcome
