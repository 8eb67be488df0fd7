"""The few figures that all notebooks share. Each is shown at once, says in words what it shows, returns None.

Inside the function of an `explore` they draw that widget's picture instead.
"""

from __future__ import annotations

import os

import numpy as np
from canvas import BLUE, COLOURS, GREY, INK, RED, SIZE, axes, finish, listed, margins, number, style
from diagram import graph
from labels import beside_ends, beside_points
from table import table

__all__ = ["bars", "curve", "figure", "graph", "matrix", "scatter", "style", "table", "vectors"]
PLAIN = {"color": INK, "fontsize": 9}


def figure(alt: str) -> None:
    """Show what pyplot has drawn so far. `alt` says in words what is to be seen.

    >>> import matplotlib.pyplot as plt
    >>> _ = plt.plot([1, 4, 9])
    >>> figure("three squares")
    three squares
    """
    finish(alt)


def progress(items, title: str = ""):
    """`items`, one after the other, with a bar that is gone at the end; none where TQDM_DISABLE is set, as in tests.

    >>> list(progress([1, 2], "counting"))
    [1, 2]
    """
    from tqdm.auto import tqdm

    return tqdm(items, desc=title, leave=False, disable=True if os.environ.get("TQDM_DISABLE") else None)


def vectors(arrows: dict, start: dict | None = None, title: str = "", alt: str | None = None) -> None:
    """Arrows in the plane, by name. They begin at the origin, or where `start` says.

    arrows, start: name → (x, y). Raises ValueError for vectors that are not of two numbers.
    >>> vectors({"a": (3, 1), "b": (1, 2)})
    Arrows from the origin: a to (3, 1) and b to (1, 2).
    """
    start = start or {}
    ax, ends, words = axes((4.2, 4.2)), [(0.0, 0.0)], []
    margins(ax, 0.35, 0.1, 0.3, 0.15 + 0.2 * bool(title))
    for (name, arrow), colour in zip(arrows.items(), COLOURS * len(arrows), strict=False):
        if np.shape(arrow) != (2,):
            raise ValueError(f"{name} must be two numbers (x, y) to be drawn in the plane, got shape {np.shape(arrow)}")
        tail = np.asarray(start.get(name, (0, 0)), float)
        tip = tail + np.asarray(arrow, float)
        ends += [tail, tip]
        ax.annotate("", tip, tail, arrowprops={"arrowstyle": "-|>,head_length=.6,head_width=.25", "color": colour,
                                               "lw": 2.2, "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        away = (tip - tail) / (np.hypot(*(tip - tail)) or 1) * 11
        ax.annotate(name, tip, away, textcoords="offset points", color=colour, weight="bold", ha="center", va="center")
        coordinates = arrow.tolist() if isinstance(arrow, np.ndarray) else arrow
        words.append(f"{name} to ({', '.join(map(number, coordinates))})")
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    middle, half = (low + high) / 2, max(np.max(high - low) * 0.64, 0.6)
    ax.set(xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half), title=title)
    ax.set_box_aspect(1)
    ax.axhline(0, color=GREY, lw=0.8, zorder=0)
    ax.axvline(0, color=GREY, lw=0.8, zorder=0)
    ax.spines[:].set_visible(False)
    where = "Arrows" if start else "Arrows from the origin"
    finish(alt or f"{title + ': ' if title else ''}{where}: {listed(words)}.")


def matrix(M, rows=None, columns=None, labels=None, digits: int = 2, title: str = "", alt: str | None = None) -> None:
    """A matrix as a grid of cells with their values; blue is positive, orange negative, white zero.

    M: (rows, columns), up to 16 × 16 with values, without them beyond. `labels` names rows and columns alike.
    Raises ValueError if M is not two-dimensional or the labels do not fit.
    >>> matrix([[1, 0], [0, 1]], labels=["cat", "dog"])
    A 2 × 2 matrix. Rows and columns: cat and dog. Values from 0 to 1.
    """
    M = np.asarray(M)
    rows, columns = (labels if rows is None else rows), (labels if columns is None else columns)
    if M.ndim != 2 or 0 in M.shape:
        raise ValueError(f"a matrix has rows and columns, got shape {M.shape}")
    for names, length, what in ((rows, M.shape[0], "rows"), (columns, M.shape[1], "columns")):
        if names is not None and len(names) != length:
            raise ValueError(f"{len(names)} labels for {length} {what}: give one for each")
    seen = M[np.isfinite(M)]
    top = float(np.abs(seen).max()) if seen.size and np.abs(seen).max() else 1.0
    small = max(M.shape) <= 16
    side = 0.52 if small else 5.2 / max(M.shape)
    left = 0.2 + 0.085 * max((len(str(name)) for name in (() if rows is None else rows)), default=0)
    above = 0.1 + 0.25 * (columns is not None) + 0.28 * bool(title)
    wide, high = max(M.shape[1] * side, 1.6), M.shape[0] * side
    ax = axes((wide + left + 0.1, high + above + 0.1))
    margins(ax, left, 0.1, 0.1, above)
    ax.imshow(np.where(np.isfinite(M), M, np.nan).astype(float), cmap=diverging(), vmin=-top, vmax=top, aspect="auto")
    ax.set_title(title)
    ax.set_facecolor("#E4E4E4")  # what is not a finite number
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.set_xticks(range(M.shape[1]) if columns is not None else [], columns)
    ax.set_yticks(range(M.shape[0]) if rows is not None else [], rows)
    if small:
        for (i, j), value in np.ndenumerate(M):
            text = str(value) if M.dtype.kind in "iub" or not np.isfinite(value) else f"{value:.{digits}f}"
            shown = text.replace("-", "−").replace("inf", "∞").replace("nan", "?")
            dark = np.isfinite(value) and abs(value) > 0.62 * top
            ax.text(j, i, shown, ha="center", va="center", fontsize=8.5, color="white" if dark else INK)
    names = [f"{what}: {listed(n)}." for what, n in (("Rows", rows), ("Columns", columns)) if n is not None]
    if labels is not None and rows is labels and columns is labels:
        names = [f"Rows and columns: {listed(labels)}."]
    span = f"Values from {number(seen.min())} to {number(seen.max())}." if seen.size else "No finite value."
    said = [f"{title or 'A'}{':' if title else ''} {M.shape[0]} × {M.shape[1]} matrix.", *names, span]
    finish(alt or " ".join(said))


def diverging():
    """The colours of a signed value: orange below zero, white at it, blue above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", ["#A04000", "#F0B27A", "white", "#7FB8DA", "#005A8C"])


def curve(x, lines, xlabel: str = "", ylabel: str = "", title: str = "", log: str = "", alt: str | None = None) -> None:
    """One or several curves over `x`, each with its name at its end. `log`: "x", "y" or "xy".

    lines: name → values as long as `x`, or the values alone.
    >>> curve([0, 1, 2], {"square": [0, 1, 4]}, "x", "y")
    y over x: square goes from 0 to 4.
    """
    lines = lines if isinstance(lines, dict) else {"": lines}
    ax, ends, words = axes(), {}, []
    for (name, y), colour in zip(lines.items(), COLOURS * len(lines), strict=False):
        y = y.tolist() if isinstance(y, np.ndarray) else list(y)
        if len(y) != len(x):
            raise ValueError(f"{name or 'the curve'} has {len(y)} values for {len(x)} places on the x axis")
        ax.plot(x, y, color=colour)
        ends[name] = (x[-1], y[-1], colour)
        words.append(f"{name or 'the curve'} goes from {number(y[0])} to {number(y[-1])}")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.set_xscale("log" if "x" in log else "linear")
    ax.set_yscale("log" if "y" in log else "linear")
    beside_ends(ax, ends)
    what = title or " over ".join(filter(None, (ylabel, xlabel))) or "Curves"
    finish(alt or f"{what}: {'; '.join(words)}.")


def bars(values: dict, xlabel: str = "", title: str = "", digits: int = 2, alt: str | None = None) -> None:
    """Horizontal bars, by name, each with its value; the first is on top, those below zero are red.

    >>> bars({"queen": 0.86, "king": 0.75})
    Bars: queen 0.86 and king 0.75.
    """
    above, below = 0.12 + 0.26 * bool(title), 0.3 + 0.22 * bool(xlabel)
    ax = axes((SIZE[0], above + below + 0.3 * len(values)))
    margins(ax, 0.25 + 0.085 * max(map(len, map(str, values)), default=0), 0.15, below, above)
    texts = [str(v) if isinstance(v, int | np.integer) else f"{v:.{digits}f}" for v in values.values()]
    texts = [text.replace("-", "−") for text in texts]
    drawn = ax.barh(
        range(len(values)), list(values.values()), 0.66, color=[RED if v < 0 else BLUE for v in values.values()]
    )
    ax.bar_label(drawn, texts, padding=4, **PLAIN)
    ax.set_yticks(range(len(values)), list(values), color=INK)
    ax.set(xlabel=xlabel, title=title)
    ax.invert_yaxis()
    ax.margins(x=0.14)
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=GREY, lw=0.8)
    said = listed(f"{name} {text}" for name, text in zip(values, texts, strict=True))
    finish(alt or f"{title or xlabel or 'Bars'}: {said}.")


def scatter(points, labels=None, groups=None, xlabel="", ylabel="", title="", alt: str | None = None) -> None:
    """Points in the plane, with labels that keep out of each other's way where there is room.

    points: (n, 2). labels: n names. groups: n names, a colour and a mark for each.
    >>> scatter([(0, 0), (1, 2)], labels=["cat", "dog"])
    2 points: cat and dog.
    """
    points = np.asarray(points, float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points in the plane have shape (n, 2), got {points.shape}")
    ax, groups = axes((5.6, 4.0)), list(groups) if groups is not None else [""] * len(points)
    for place, group in enumerate(dict.fromkeys(groups)):
        mine = points[[g == group for g in groups]]
        ax.scatter(*mine.T, s=30, color=COLOURS[place % 7], marker="os^DvPX"[place % 7], label=group or None, zorder=3)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.margins(0.12)
    if any(groups):
        ax.legend()
    if labels is not None:
        beside_points(ax, points, labels)
    kinds = f" in the groups {listed(dict.fromkeys(groups))}" if any(groups) else ""
    names = f": {listed(labels)}" if labels is not None and len(labels) <= 30 else ""
    finish(alt or f"{title + ': ' if title else ''}{len(points)} points{kinds}{names}.")
