"""A canvas for digits: one draws with mouse, pen, finger or keys, and the learner's own function says what it reads.

`sketch.js` draws and reduces the drawing to 28 × 28 pixels, as MNIST has them: white ink on black, soft at the edges.
What they are read as is computed here, by the learner's own functions, so that it can be tested without a browser.
"""

from __future__ import annotations

import base64
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from canvas import BLUE, INK, RED, Picture, frame, png, render

SIDE, DIGITS = 28, 10
EDGES = {"left": 0.02, "right": 0.91, "bottom": 0.06, "top": 0.88, "wspace": 0.3}  # of the still picture


def packed(picture) -> str:
    """A picture of numbers from 0 to 1 as text of a kilobyte; what goes beyond is scaled until all of it fits.

    >>> len(packed(np.zeros((28, 28))))
    1048
    """
    low, high = min(0, picture.min()), max(1, picture.max())
    grey = np.rint((picture - low) / (high - low) * 255)
    return base64.b64encode(grey.astype(np.uint8).tobytes()).decode()


def unpacked(text: str):
    """The picture that was packed, (28, 28), in steps of 1/255.

    >>> unpacked(packed(np.eye(28)))[0, :3]
    array([1., 0., 0.])
    """
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(SIDE, SIDE) / 255


def draw_digit(guess, prepare=None, start=None):
    """Draw a digit, and see what `guess` reads in it.

    guess: your function of an array (28, 28), white ink 1 on black 0, to ten probabilities. prepare: your function of
    the drawn array to the one that `guess` gets, which is then shown as well. start: an array (28, 28) that is on the
    canvas at the beginning. Raises TypeError for what is no function, ValueError for a start that is no picture.
    """
    for name, function in (("guess", guess), ("prepare", prepare)):
        if not callable(function) and not (name == "prepare" and function is None):
            raise TypeError(f"{name}={function!r} is no function: give one that takes an array (28, 28)")
    first = np.zeros((SIDE, SIDE)) if start is None else np.asarray(start, float)
    if first.shape != (SIDE, SIDE):
        mend = ": start.reshape(28, 28)" if first.size == SIDE**2 else ""
        raise ValueError(f"start has the shape {first.shape}, and the canvas (28, 28){mend}")
    low, high = first.min(), first.max()
    if not (low >= 0 and high <= 1):  # not so for NaN either
        mend = "divide by 255" if 0 <= low and 1 < high <= 255 else "give numbers from 0, black, to 1, white"
        raise ValueError(f"start goes from {low} to {high}, and ink from 0 to 1: {mend}")
    return DrawDigit(guess, prepare, first)


def array(value):
    """What a function returned, as floats. Raises ValueError if it is not made of numbers."""
    if value is None:
        raise ValueError("None; is a `return` missing?")
    try:
        return np.asarray(value, float)
    except Exception as error:
        raise ValueError(f"a {type(value).__name__} that is no array of numbers: {error}") from error


def pixels(value):
    """What `prepare` returned. Raises ValueError if it is no picture of 28 × 28 finite numbers."""
    picture = array(value)
    if picture.shape != (SIDE, SIDE):
        raise ValueError(f"an array of shape {picture.shape}, expected (28, 28)")
    if not np.isfinite(picture).all():
        raise ValueError(f"an array with {np.sum(~np.isfinite(picture))} numbers not finite; was it divided by 0?")
    return picture


def probabilities(value) -> list[float]:
    """What `guess` returned. Raises ValueError if it is not the ten probabilities of 0 to 9.

    >>> probabilities([0] * 9 + [1])[8:]
    [0.0, 1.0]
    """
    ten = array(value)
    if ten.shape != (DIGITS,):
        mend = "return its only row, [0]" if ten.shape == (1, DIGITS) else "one for each of 0 to 9"
        raise ValueError(f"numbers of shape {ten.shape}, expected (10,): {mend}")
    for digit, p in enumerate(ten):
        if np.isnan(p):
            raise ValueError(f"NaN for {digit}, expected a probability; was 0 divided by 0, or infinity subtracted?")
        if not -1e-6 <= p <= 1 + 1e-6:
            raise ValueError(f"{p:.4g} for {digit}, expected a probability, 0 to 1; is a softmax missing?")
    if abs(ten.sum() - 1) > 0.01:
        raise ValueError(f"ten numbers that add up to {ten.sum():.4g}, expected 1; is a softmax missing?")
    return ten.tolist()


def told(name, function, picture, check) -> tuple:
    """What `function` answers, once `check` has let it pass, and ""; or None, and what went wrong."""
    try:
        answer = function(picture.copy())
    except (Exception, SystemExit) as error:  # noqa: BLE001  a learner's function may raise anything
        return None, f"{name} raised {type(error).__name__}: {error}"
    try:
        return check(answer), ""
    except ValueError as error:
        return None, f"{name} returned {error}"


def bars(ax, guessed) -> None:
    """Ten bars with their numbers, the largest marked; ten dashes where nothing is guessed."""
    drawn = ax.barh(range(DIGITS), guessed or [0] * DIGITS, 0.7, color=BLUE)
    texts = [f"{p:.2f}" for p in guessed] or ["–"] * DIGITS
    written = ax.bar_label(drawn, texts, padding=4, color=INK, fontsize=9)
    if guessed:
        drawn[np.argmax(guessed)].set_color(RED)
        written[np.argmax(guessed)].set_weight("bold")
    ax.set_title("guess", fontsize=9.5)
    ax.set(xlim=(0, 1), xticks=[])
    ax.set_yticks(range(DIGITS), range(DIGITS), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.grid(False)
    ax.invert_yaxis()


class DrawDigit(anywidget.AnyWidget):
    """The widget. `guessed`: the ten probabilities, [] where there are none; `error`: what went wrong, in words."""

    _esm, _css = (Path(__file__).with_suffix(kind) for kind in (".js", ".css"))
    ink = traitlets.Unicode().tag(sync=True)  # what is drawn, packed
    seen = traitlets.Unicode("").tag(sync=True)  # what `prepare` made of it, packed; "" where there is nothing
    prepares = traitlets.Bool(False).tag(sync=True)
    guessed = traitlets.List(traitlets.Float()).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)  # counts the answers, so that the page draws each of them once

    def __init__(self, guess, prepare, start):
        self.guess, self.prepare = guess, prepare
        super().__init__(ink=packed(start), prepares=prepare is not None)
        self.answer()
        self.still = self.bundle()
        self.observe(self.answer, "ink")

    @property
    def picture(self):
        """What is drawn now, (28, 28)."""
        return unpacked(self.ink)

    def answer(self, change=None) -> None:
        """Prepare and read what is drawn. Where nothing is, nothing is asked."""
        seen, guessed, error = self.picture, None, ""
        drawn = seen.any()
        if drawn and self.prepare:
            seen, error = told("prepare", self.prepare, seen, pixels)
        if drawn and seen is not None:
            guessed, error = told("guess", self.guess, seen, probabilities)
        with self.hold_sync():
            self.seen = packed(seen) if drawn and self.prepare and seen is not None else ""
            self.guessed, self.error = guessed or [], error
            self.answered += 1

    def described(self) -> str:
        """The state in words."""
        if not self.picture.any():
            return "A black canvas, 28 × 28, to draw a digit on. Nothing is drawn yet."
        said = "A canvas, 28 × 28, with a digit drawn in white."
        if not self.guessed:
            return f"{said} No guess: {self.error}"
        listed = ", ".join(f"{digit} {p:.2f}" for digit, p in enumerate(self.guessed))
        return f"{said} Read as {np.argmax(self.guessed)}. Probabilities: {listed}."

    def bundle(self) -> tuple[dict, dict]:
        """The state as a picture and a text, for readers without a kernel."""
        import matplotlib.pyplot as plt

        with frame():
            pictures = {"draw here": self.ink} | ({"what the network sees": self.seen} if self.seen else {})
            ratios = [2.2, 1.3][: len(pictures)] + [1.7]
            figure = plt.gcf()
            figure.set_size_inches(2.7 + 2 * len(pictures), 2.7)
            *places, beside = figure.subplots(1, len(ratios), width_ratios=ratios, gridspec_kw=EDGES)
            for ax, (title, picture) in zip(places, pictures.items(), strict=True):
                ax.imshow(unpacked(picture), cmap="gray", vmin=0, vmax=1)
                ax.set_title(title, fontsize=9.5)
                ax.set_axis_off()
                ax.set_anchor("NW")
            bars(beside, self.guessed)
            image = render(figure)
        return Picture(png(image, small=True), *image.size, self.described()).bundle()

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live view, and beside it the still picture of how it began."""
        live = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {**self.still[0], "application/vnd.jupyter.widget-view+json": live}, self.still[1]
