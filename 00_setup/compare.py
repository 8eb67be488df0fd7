"""Are two results the same? And if not: the difference, in one line that helps.

The answer was written in the notebook, the solution runs in the notebook's module. So classes are compared by
name and content, for each side has its own; numbers by size, within rounding; containers by type and place.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
import reprlib
import sys
import types
from collections.abc import Mapping

LIMIT = 120  # characters of a value that fit into a sentence
SINGLE = {2: 1e-2, 4: 1e-5}  # what rounding costs in numbers of 2 and 4 bytes


class Stream(list):
    """What a generator gave, in the order in which it came."""


class Brief(reprlib.Repr):
    """Shortens containers from within; numbers of numpy look like Python's."""

    def repr_instance(self, value: object, level: int) -> str:
        return repr(value.item() if is_scalar(value) else value)


BRIEF = Brief()
BRIEF.maxlevel, BRIEF.maxlist, BRIEF.maxtuple, BRIEF.maxset, BRIEF.maxdict = 5, 12, 12, 12, 8
BRIEF.maxstring, BRIEF.maxlong = 90, 60


def short(value: object, limit: int = LIMIT) -> str:
    """`value` in one line of at most `limit` characters, whatever its `__repr__` does.

    >>> short(list(range(1000)))
    '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]'
    """
    try:
        if isinstance(value, Stream):
            text = f"a generator of {BRIEF.repr(list(value))}"
        else:
            text = BRIEF.repr(value)
    except Exception as error:  # noqa: BLE001  (a learner's __repr__ may do anything)
        return f"<a {type(value).__name__} whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit * 2 // 3] + " … " + text[len(text) - limit // 3 + 3 :]


def a(value: object) -> str:
    """What kind of thing `value` is, in words.

    >>> a([1]), a(1), a("x")
    ('a list', 'an int', 'a str')
    """
    names = {"ndarray": "numpy array", "Tensor": "torch tensor", "Stream": "generator"}
    name = names.get(type(value).__name__, type(value).__name__)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def is_scalar(value: object) -> bool:
    """Is it one number of numpy, such as `np.float64(3)`?"""
    return "numpy" in sys.modules and isinstance(value, sys.modules["numpy"].generic)


def is_array(value: object) -> bool:
    """Is it an array of numpy or a tensor of torch? Imports neither."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    return isinstance(value, (getattr(numpy, "ndarray", ()), getattr(torch, "Tensor", ())))


def difference(got: object, expected: object, close: float = 1e-9) -> str | None:
    """What is wrong with `got`, in words that follow the input; None if it is as expected.

    >>> difference((1, 2), [1, 2])
    'you gave a tuple, expected a list: [1, 2]'
    >>> difference([1, 2.0], [1.0, 2]), difference(None, 3)
    ('item 1: you gave a float, expected an int: 2', 'nothing came back, expected 3: is there a `return`?')
    """
    if got is None and expected is not None:
        return f"nothing came back, expected {short(expected)}: is there a `return`?"
    found = unlike(got, expected, close, "")
    if found is None:
        return None
    where, words, plain = found
    both = short(got), short(expected)
    if where and plain and max(map(len, both)) < LIMIT * 2 // 3 and both[0] != both[1]:
        return f"you gave {both[0]}, expected {both[1]}"  # short enough to be seen whole
    return f"{where.strip()}: {words}" if where else words


def unlike(got: object, expected: object, close: float, where: str) -> tuple[str, str, bool] | None:
    """(where, what, is it a matter of values alone?) of the first difference."""
    if is_scalar(got):
        close, got = max(close, SINGLE.get(got.itemsize, 0) if got.dtype.kind in "fc" else 0), got.item()
    if is_scalar(expected):
        close = max(close, SINGLE.get(expected.itemsize, 0) if expected.dtype.kind in "fc" else 0)
        expected = expected.item()

    def values() -> tuple[str, str, bool]:  # written only when needed: the repr of a large table is dear
        return where, f"you gave {short(got)}, expected {short(expected)}", True

    def kinds() -> tuple[str, str, bool]:
        return where, f"you gave {a(got)}, expected {a(expected)}: {short(expected, 60)}", False

    if is_array(expected):
        related = is_array(got) and (isinstance(got, type(expected)) or isinstance(expected, type(got)))
        return of_arrays(got, expected, close, where) if related else kinds()
    if expected is None or isinstance(expected, bool):
        return None if got is expected else values()
    if isinstance(expected, numbers.Number):
        if not isinstance(got, numbers.Number) or isinstance(got, bool):
            return kinds()
        if isinstance(expected, numbers.Integral) and not isinstance(got, numbers.Integral):
            return kinds()
        return None if same_number(got, expected, close) else (where, values()[1] + divided(got, expected), True)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for words, keys in (("lacks", expected.keys() - got.keys()), ("should not have", got.keys() - expected.keys())):
            if keys:
                return where, f"what you gave {words} the key {short(next(iter(keys)))}", True
        return first(unlike(got[key], expected[key], close, f"{where} at key {short(key)}") for key in expected)
    if isinstance(expected, list | tuple):
        if not isinstance(got, next(kind for kind in (Stream, list, tuple) if isinstance(expected, kind))):
            return kinds()
        if isinstance(got, Stream) and not isinstance(expected, Stream):
            return kinds()
        if len(got) != len(expected):
            return where, f"you gave {len(got)} items, expected {len(expected)}", True
        pairs = enumerate(zip(got, expected, strict=True))
        return first(unlike(one, other, close, f"{where} item {n}") for n, (one, other) in pairs)
    if isinstance(expected, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return None if callable(got) else kinds()
    if isinstance(expected, str | bytes | bytearray | set | frozenset):
        same_kind = isinstance(got, type(expected)) or {type(got), type(expected)} <= {set, frozenset}
        return kinds() if not same_kind else None if got == expected else values()
    if type(got).__name__ != type(expected).__name__:
        return kinds()
    if dataclasses.is_dataclass(expected) or type(expected).__eq__ is object.__eq__:
        if hasattr(got, "__dict__") and hasattr(expected, "__dict__"):
            return unlike(vars(got), vars(expected), close, f"{where} attributes")
        return None  # nothing to look into, such as a lock
    return None if bool(got == expected) else values()


def first(differences) -> tuple[str, str, bool] | None:
    """The first that is a difference."""
    return next((found for found in differences if found), None)


def same_number(got: complex, expected: complex, close: float) -> bool:
    """Equal up to `close`, relative to their size and absolute below 1; NaN equals NaN."""
    if got == expected or got != got and expected != expected:
        return True
    size = abs(expected)
    return math.isfinite(size) and abs(got - expected) <= close * max(1.0, size)


def divided(got: complex, expected: complex) -> str:
    """A question to go with a NaN that should not be there."""
    return ". Was something divided by zero?" if got != got and expected == expected else ""


def of_arrays(got, expected, close: float, where: str) -> tuple[str, str, bool] | None:
    """The difference of two arrays or tensors: shape, kind of number, NaN, then the first number that is off."""
    import numpy as np

    def plain(array):
        if not isinstance(array, np.ndarray):
            array = array.detach().cpu()
            array = (array.float() if array.dtype.itemsize == 2 and array.is_floating_point() else array).numpy()
        return array

    if tuple(got.shape) != tuple(expected.shape):
        return where, f"you gave the shape {tuple(got.shape)}, expected {tuple(expected.shape)}", False
    for array in (got, expected):
        kind = str(array.dtype).removeprefix("torch.")
        if "float" in kind or "complex" in kind:
            close = max(close, SINGLE.get(4 if kind == "complex64" else array.dtype.itemsize, 0))
    mine, right = plain(got), plain(expected)
    if right.dtype.kind in "iub" and mine.dtype.kind in "fc" or (mine.dtype.kind == "b") != (right.dtype.kind == "b"):
        return where, f"you gave numbers of type {got.dtype}, expected {expected.dtype}", False
    if mine.dtype.kind not in "fciub" or right.dtype.kind not in "fciub":
        return unlike(mine.tolist(), right.tolist(), close, where)
    nans = int(np.isnan(mine).sum()) if mine.dtype.kind in "fc" else 0
    if nans and not np.isnan(right).any():
        return where, f"{nans} of the {mine.size} numbers you gave are NaN. Was something divided by zero?", False
    with np.errstate(invalid="ignore"):
        size = np.where(np.isfinite(right), np.maximum(1.0, np.abs(right)), 1.0)
        off = ~((mine == right) | (np.abs(mine - right) <= close * size if mine.dtype.kind != "b" else False))
    off &= ~((mine != mine) & (right != right))
    if not off.any():
        return None
    place = tuple(int(i) for i in np.argwhere(off)[0])
    one, other = mine[place], right[place]
    at = f" at {list(place)}" if place else ""
    return where + at, f"you gave {short(one)}, expected {short(other)}{divided(one, other)}", True
