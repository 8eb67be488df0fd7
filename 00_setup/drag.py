"""Two vectors under the reader's hand: the page moves the arrows at once, Python computes the numbers.

`drag.js` draws and listens to mouse, touch and keys. All that is computed is computed here, by the learner's own
functions where they are given, so that it can be tested without a browser.
"""

from __future__ import annotations

import math
from pathlib import Path

import anywidget
import traitlets
from canvas import GREEN, GREY, Picture, frame, number, png, render

HERE = Path(__file__).parent


def dot(a, b) -> float:
    """Sum of the products, coordinate by coordinate.

    >>> dot([3, 1], [1, 2])
    5
    """
    return sum(x * y for x, y in zip(a, b, strict=True))


def cosine(a, b) -> float:
    """Cosine of the angle between the two; 0 if either is zero.

    >>> cosine([1, 0], [0, 2])
    0.0
    """
    lengths = math.hypot(*a) * math.hypot(*b)
    return dot(a, b) / lengths if lengths else 0.0


def projection(a, b) -> list[float]:
    """The shadow of `b` on the line through `a`; the origin if `a` is zero.

    >>> projection([2, 0], [1, 3])
    [1.0, 0.0]
    """
    share = dot(a, b) / (dot(a, a) or 1)
    return [share * x for x in a]


READOUTS = {
    "dot": dot,
    "cosine": cosine,
    "angle": lambda a, b: f"{math.degrees(math.acos(max(-1.0, min(1.0, cosine(a, b))))):.0f}°",
    "norms": lambda a, b: f"{number(math.hypot(*a))}, {number(math.hypot(*b))}",
    "projection": projection,
}


def drag_vectors(a=(3, 1), b=(1, 2), readout=("dot", "cosine"), *, shadow=True, reach=5, step=0.1):
    """Drag `a` and `b`, and see what follows.

    readout: names among dot, cosine, angle, norms and projection, or a dictionary of your own functions of
    two lists. shadow: draw the projection of `b` on `a`. reach: how far the plane goes. step: what an arrow key
    moves. Raises ValueError for an unknown name or a vector that is not in the plane.
    """
    unknown = [name for name in readout if not isinstance(readout, dict) and name not in READOUTS]
    if unknown:
        raise ValueError(
            f"readout {unknown[0]!r} is not one of {', '.join(READOUTS)}; or give a dictionary of functions"
        )
    for name, v in (("a", a), ("b", b)):
        if len(v) != 2 or not all(math.isfinite(x) and abs(x) <= reach for x in v):
            raise ValueError(f"{name}={v!r} is not in the plane: give two numbers from {-reach} to {reach}")
    functions = readout if isinstance(readout, dict) else {name: READOUTS[name] for name in readout}
    return DragVectors(a, b, dict(functions), shadow, reach, step)


def written(value) -> str:
    """What a function returned, as the reader sees it.

    >>> written(5), written([1.0, 0.5]), written("60°"), written(None)
    ('5.00', '(1.00, 0.50)', '60°', 'None')
    """
    if isinstance(value, str) or value is None:
        return str(value)
    if hasattr(value, "__len__"):
        return f"({', '.join(map(written, value))})"
    return number(float(value))


class DragVectors(anywidget.AnyWidget):
    """The widget. `numbers`: (name, text) pairs that follow from `a` and `b`; `error`: what a function raised."""

    _esm, _css = HERE / "drag.js", HERE / "drag.css"
    a = traitlets.List(traitlets.Float()).tag(sync=True)
    b = traitlets.List(traitlets.Float()).tag(sync=True)
    shadow = traitlets.List(traitlets.Float()).tag(sync=True)
    numbers = traitlets.List().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    plane = traitlets.List().tag(sync=True)  # what lies under the arrows: (kind, points), as `plane.py` fills it
    labels = traitlets.Dict({"a": "a", "b": "b"}).tag(sync=True)
    titles = traitlets.Dict({"a": "vector a", "b": "vector b"}).tag(sync=True)
    reach = traitlets.Float(5).tag(sync=True)
    step = traitlets.Float(0.1).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)  # counts the answers, so that the page draws each of them once

    def __init__(self, a, b, functions: dict, with_shadow: bool, reach: float, step: float):
        self.functions, self.with_shadow = functions, with_shadow
        super().__init__(a=[float(x) for x in a], b=[float(x) for x in b], reach=reach, step=step)
        self.answer()
        self.still = self.bundle()
        self.observe(self.answer, ["a", "b"])

    def answer(self, change=None) -> None:
        """Compute all that follows from where the two vectors are."""
        numbers, errors = [], []
        for name, function in self.functions.items():
            try:
                numbers.append([name, written(function(list(self.a), list(self.b)))])
            except (Exception, SystemExit) as error:  # noqa: BLE001  a learner's function may raise anything
                numbers.append([name, "–"])
                errors.append(f"{name}({self.a}, {self.b}) raised {type(error).__name__}: {error}")
        with self.hold_sync():
            self.numbers, self.error = numbers, "\n".join(errors)
            self.shadow = projection(self.a, self.b) if self.with_shadow else []
            self.plane = self.beneath()
            self.answered += 1

    def beneath(self) -> list:
        """What lies under the arrows: nothing here."""
        return []

    def described(self) -> str:
        """The state in words."""
        places = " and ".join(f"{n} to ({', '.join(map(number, v))})" for n, v in (("a", self.a), ("b", self.b)))
        values = "; ".join(f"{name} {text}" for name, text in self.numbers)
        return f"Two vectors to drag: {places}. {values}".strip() + "." * bool(values)

    def bundle(self) -> tuple[dict, dict]:
        """The state as a picture and a text, for readers without a kernel."""
        import matplotlib.pyplot as plt
        from show import vectors

        with frame():
            vectors(
                {self.labels["a"]: self.a, self.labels["b"]: self.b},
                title="   ".join(f"{name} = {text}" for name, text in self.numbers),
            )
            ax = plt.gca()
            ax.set(xlim=(-self.reach, self.reach), ylim=(-self.reach, self.reach))
            for kind, points in self.plane:
                xs, ys = zip(*points, strict=True)
                width = {"line": 0.7, "edge": 1.8}.get(kind, 0)
                ax.fill(xs, ys, color=GREEN, alpha=0.35) if kind == "figure" else ax.plot(xs, ys, color=GREEN, lw=width)
            if self.shadow:
                ax.plot([0, self.shadow[0]], [0, self.shadow[1]], color=GREEN, lw=6, alpha=0.5, solid_capstyle="round")
                ax.plot([self.b[0], self.shadow[0]], [self.b[1], self.shadow[1]], color=GREY, lw=1, ls="--")
            image = render(plt.gcf())
        return Picture(png(image, small=True), *image.size, self.described()).bundle()

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live view, and beside it the still picture of how it began."""
        live = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {**self.still[0], "application/vnd.jupyter.widget-view+json": live}, self.still[1]
