"""The plane under a matrix: drag the two columns, and see where everything else goes.

The grid is moved by the learner's own function, point by point, so a function that is not linear shows it.
"""

from __future__ import annotations

import math

import traitlets
from drag import DragVectors

F = (
    (0.2, 0.0),
    (0.2, 1.0),
    (0.8, 1.0),
    (0.8, 0.8),
    (0.4, 0.8),
    (0.4, 0.6),
    (0.7, 0.6),
    (0.7, 0.4),
    (0.4, 0.4),
    (0.4, 0.0),
)
STEPS = 8  # pieces of a grid line, so that a bent one is seen to be bent


def rows(a, b) -> list[list[float]]:
    """The matrix whose columns are `a` and `b`, row by row.

    >>> rows([1, 3], [2, 4])
    [[1, 2], [3, 4]]
    """
    return [[a[0], b[0]], [a[1], b[1]]]


def drag_matrix(apply, readout=None, columns=((1, 0), (0, 1)), *, reach=4, step=0.1):
    """Drag the columns of a 2 × 2 matrix, and see what it does to the plane.

    apply: your function of a matrix (two rows) and a point. readout: names and functions of a matrix. columns: where
    the two begin. Raises ValueError for columns that are not in the plane.
    """
    for name, v in zip(("first", "second"), columns, strict=True):
        if len(v) != 2 or not all(math.isfinite(x) and abs(x) <= reach for x in v):
            raise ValueError(f"the {name} column {v!r} is not in the plane: give two numbers from {-reach} to {reach}")
    functions = {name: lambda a, b, f=f: f(rows(a, b)) for name, f in (readout or {}).items()}
    return DragMatrix(apply, *columns, functions, False, reach, step)


class DragMatrix(DragVectors):
    """The widget. `plane`: the grid and a letter, moved by the matrix whose columns are `a` and `b`."""

    labels = traitlets.Dict({"a": "1st", "b": "2nd"}).tag(sync=True)
    titles = traitlets.Dict({"a": "first column", "b": "second column"}).tag(sync=True)

    def __init__(self, apply, *given):
        self.apply = apply
        super().__init__(*given)

    def beneath(self) -> list:
        """The grid from -2 to 2, the square between the columns, and the letter F, all moved; [] after an error."""
        ticks = [-2 + 4 * n / STEPS for n in range(STEPS + 1)]
        lines = [("line", [(x, y) for y in ticks]) for x in range(-2, 3)]
        lines += [("line", [(x, y) for x in ticks]) for y in range(-2, 3)]
        lines += [("edge", [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]), ("figure", F)]
        try:
            matrix = rows(self.a, self.b)
            return [[kind, [[float(x) for x in self.apply(matrix, list(p))] for p in points]] for kind, points in lines]
        except (Exception, SystemExit) as error:  # noqa: BLE001  a learner's function may raise anything
            self.error = "\n".join(filter(None, [self.error, f"apply raised {type(error).__name__}: {error}"]))
            return []

    def described(self) -> str:
        """The state in words."""
        values = "; ".join(f"{name} {text}" for name, text in self.numbers)
        return f"The plane under the matrix {rows(self.a, self.b)}, whose columns can be dragged. {values}".strip()
