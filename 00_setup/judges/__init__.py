"""What a judge is: the cases, known mistakes, hints, quiz and reviews of one notebook.

`judges/NOUN.py` holds three names: EXERCISES {function: Judge}, QUIZ (Question, …) and REVIEWS {slug: Verdict}.
No expected result is written down anywhere: it is what the published solution gives, so the two cannot disagree.
"""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Cases = Callable[[random.Random], Iterable]  # yields tuples of positional arguments, or Args


@dataclass(frozen=True)
class Args:
    """The arguments of one case that has keywords.

    >>> Args(1, 2, k=3)
    Args(1, 2, k=3)
    """

    positional: tuple
    keyword: dict

    def __init__(self, *positional: object, **keyword: object):
        object.__setattr__(self, "positional", positional)
        object.__setattr__(self, "keyword", keyword)

    def prepared(self, function: Callable) -> tuple[Callable, tuple, dict]:
        """What to call, and with what."""
        return function, self.positional, self.keyword

    def __repr__(self) -> str:
        return f"Args({', '.join([*map(repr, self.positional), *(f'{k}={v!r}' for k, v in self.keyword.items())])})"


@dataclass(frozen=True)
class Mistake:
    """An error that people really make: `words` make one think, `wrong` is a function of that name which makes it.

    The source may use whatever the notebook hands on.
    """

    words: str
    wrong: str


def swap(source: str, *pairs: tuple[str, str]) -> str:
    """`source` with each (old, new) replaced, one after the other: a right answer made wrong in one place.

    Raises ValueError if an old one is not there: the mistake would be a right answer.

    >>> swap("a < b", ("<", "<="))
    'a <= b'
    """
    for old, new in pairs:
        if old not in source:
            raise ValueError(f"there is no {old!r} to replace")
        source = source.replace(old, new)
    return source


def with_unchecked(lines: list[str], mistakes: dict[str, Mistake]) -> dict[str, Mistake]:
    """The same mistakes, and each once more by somebody who has not written `lines`, which look at what was given.

    Most people write those last, and without them a mistake gives other results, so it would not be known again.

    >>> list(with_unchecked(["check(x); "], {"sign": Mistake("Turned round.", "check(x); return -x")}))
    ['sign', 'sign-unchecked']
    """
    more = {}
    for slug, mistake in mistakes.items():
        if all(line in mistake.wrong for line in lines):
            words = f"{mistake.words} And look at what you are given first: the docstring names what is refused."
            more[f"{slug}-unchecked"] = Mistake(words, swap(mistake.wrong, *((line, "") for line in lines)))
    return mistakes | more


def whole(rng: random.Random, *shape: int):
    """An array of small whole numbers as floats, so that a wrong answer can be checked on paper."""
    import numpy as np  # not every notebook needs it

    return np.array([float(rng.randint(-4, 5)) for _ in range(math.prod(shape))]).reshape(shape)


@dataclass(frozen=True)
class Judge:
    """How one exercise is judged.

    `cases` yields the inputs, the same for the same `rng`; "raises ValueError" is a result like any other.
    `also`: sources of right answers written differently. `close`: how far numbers may be off, relative to
    their size (absolute below 1); single precision gets what it needs. `seconds`: the limit for one call.
    `drive(object, *arguments)` says what to do with the learner's function or class, if not calling it.
    """

    cases: Cases
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    close: float = 1e-9
    seconds: float = 5.0
    drive: Callable | None = None


@dataclass(frozen=True)
class Question:
    """One question of a quiz: options with feedback for each, so that a wrong one teaches; `right` is an index."""

    id: str
    ask: str
    options: tuple[tuple[str, str], ...]
    right: int


@dataclass(frozen=True)
class Verdict:
    """Is a proposed change of function `of` right? `witness`: arguments that show the fault, None if there is none."""

    of: str
    right: bool
    why: str
    cases: Cases
    witness: tuple | None = None


@dataclass(frozen=True)
class Judges:
    """Everything by which one notebook is judged."""

    exercises: dict[str, Judge]
    quiz: tuple[Question, ...]
    reviews: dict[str, Verdict]


def load(noun: str) -> Judges:
    """What `judges/NOUN.py` holds. Raises LookupError if there is no such file."""
    try:
        module = importlib.import_module(f"judges.{noun}")
    except ModuleNotFoundError as error:
        if error.name != f"judges.{noun}":
            raise
        raise LookupError(f"nothing judges the notebook {noun!r}: 00_setup/judges/{noun}.py is missing") from None
    return Judges(getattr(module, "EXERCISES", {}), tuple(getattr(module, "QUIZ", ())), getattr(module, "REVIEWS", {}))
