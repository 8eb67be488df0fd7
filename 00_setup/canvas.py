"""How a figure reaches the page: one style, small sharp PNGs, and words for those who cannot see them.

`show.py` draws figures, `play.py` makes them move, `drag.py`, `sketch.py` and `typed.py` put hands on them. All need
the same three things, which are here: the look, a picture as bytes, and a way to show it together with its alt text.
"""

from __future__ import annotations

import base64
import io
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from unittest import mock

import matplotlib
import matplotlib.backends.backend_agg
import numpy as np

# Okabe and Ito (2008): seven colours that every kind of colour vision tells apart, without the yellow.
BLUE, ORANGE, GREEN, PURPLE, RED, SKY, INK = "#0072B2 #E69F00 #009E73 #CC79A7 #D55E00 #56B4E9 #222222".split()
COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, INK)
GREY, FAINT = "#666666", "#DDDDDD"
DPI, SIZE = 110, (5.6, 3.3)  # a picture 616 pixels wide: sharp at its own size, small in the file
_frames: list[list[str]] = []  # alt texts of the pictures being drawn for a widget, innermost last


@dataclass(frozen=True)
class Picture:
    """A drawn figure: its PNG, its size on the page in pixels, and what it says."""

    png: bytes
    width: int
    height: int
    alt: str

    def bundle(self) -> tuple[dict, dict]:
        """Data and metadata as Jupyter stores them."""
        return (
            {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.alt},
            {"image/png": {"alt": self.alt, "width": self.width, "height": self.height}},
        )


def style() -> None:
    """One look for all figures: plain axes, colours that everybody can tell apart, room for the labels.

    Margins are fixed because matplotlib's automatic ones double the time of a redraw.
    """
    matplotlib.rcParams.update(
        {
            "figure.figsize": SIZE,
            "figure.dpi": DPI,
            "figure.facecolor": "white",
            "figure.subplot.left": 0.14,
            "figure.subplot.right": 0.965,
            "figure.subplot.bottom": 0.155,
            "figure.subplot.top": 0.895,
            "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.titlepad": 9,
            "axes.titley": 1.0,  # looking for a free place costs a quarter of a redraw
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E8E8E8",
            "grid.linewidth": 0.7,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so the same on every machine
            "font.size": 9.5,
            "text.hinting": "none",  # a tenth of a redraw, and no difference to the eye at this size
            "legend.frameon": False,
            "lines.linewidth": 2.0,
            "image.cmap": "cividis",
        }
    )


def number(value) -> str:
    """A number as a reader wants it in a sentence: whole ones whole, others to two decimals.

    >>> number(3), number(0.5), number(2/3), number(-0.0), number(1234.5), number(float("-inf"))
    ('3', '0.50', '0.67', '0.00', '1234.50', '−∞')
    """
    if isinstance(value, int | np.integer | np.bool_):
        return str(int(value)).replace("-", "−")
    value = float(value)
    if not np.isfinite(value):
        return "?" if np.isnan(value) else "∞" if value > 0 else "−∞"
    text = f"{value:.2f}" if value == 0 or 0.01 <= abs(value) < 1e5 else f"{value:.1e}"
    return (text if float(text) else text.lstrip("-")).replace("-", "−")


def listed(names) -> str:
    """Names as a list in a sentence.

    >>> listed(["a"]), listed("abc")
    ('a', 'a, b and c')
    """
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last


def render(figure, crop: bool = False):
    """`figure` as an image. `crop`: fitted to what is drawn, so that no label is cut (60 ms more)."""
    from PIL import Image

    figure.set_dpi(DPI)
    canvas = matplotlib.backends.backend_agg.FigureCanvasAgg(figure)
    if crop:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.06)
        return Image.open(buffer).convert("RGB")
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def png(image, small: bool = False) -> bytes:
    """`image` as PNG. `small`: in 256 colours, which is a third of the bytes and 25 ms more."""
    buffer = io.BytesIO()
    if small:
        image.quantize(256, dither=0).save(buffer, "png", optimize=True)
    else:
        image.save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def axes(size: tuple[float, float] = SIZE):
    """The axes to draw on: those of the frame that a widget is drawing, or of a new figure of `size` (inches)."""
    import matplotlib.pyplot as plt

    if not _frames:
        plt.figure(figsize=size)
    elif not plt.gcf().axes:  # a frame with several axes keeps the size that its author gave it
        plt.gcf().set_size_inches(size)
    return plt.gca()


def margins(ax, left: float, right: float, bottom: float, top: float) -> None:
    """Leave this much room (inches) around the axes for what is written there."""
    width, height = ax.figure.get_size_inches()
    ax.set_position([left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height])


def finish(alt: str) -> None:
    """Show the current pyplot figure with `alt` as its text; inside a widget's frame, leave it to the widget."""
    import matplotlib.pyplot as plt

    if _frames:
        _frames[-1].append(alt)
        return
    figure = plt.gcf()
    image = render(figure, crop=True)
    plt.close(figure)
    data, metadata = Picture(png(image, small=True), *image.size, alt).bundle()
    emit(data, metadata)


def emit(data: dict, metadata: dict | None = None) -> None:
    """Display a bundle of representations in a notebook; print its plain text where there is none."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(data["text/plain"])
    else:
        display(data, metadata=metadata or {}, raw=True)


@contextmanager
def frame():
    """Draw into a picture instead of the page; gives the list of alt texts that `show` functions said.

    `plt.show()` does nothing in here, so that a function which works in a cell works in a widget as well.
    Figures that the block leaves open are closed, also when it raises.

    JupyterLab delivers the events of widgets in a second thread, and after each of them IPython shows and closes
    all figures, in whatever state they are. So that is held back while a frame is drawn.
    """
    import matplotlib.pyplot as plt

    before = set(plt.get_fignums())
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    held_back = mock.patch.object(inline, "show") if inline else nullcontext()
    _frames.append([])
    try:
        with mock.patch.object(plt, "show"), held_back:
            plt.figure()
            yield _frames[-1]
    finally:
        _frames.pop()
        for opened in set(plt.get_fignums()) - before:
            plt.close(opened)
