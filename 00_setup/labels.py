"""Where to write a name so that it does not cover another: beside a point, or at the end of a curve."""

from __future__ import annotations

import numpy as np
from canvas import INK

AROUND = [(6, 4), (6, -4), (-6, 4), (-6, -4), (0, 8), (0, -8), (12, 12), (12, -12), (-12, 12), (-12, -12)]  # points


def beside_points(ax, points, labels, size: float = 8.5) -> None:
    """Write each label at the first place around its point where it covers no point and no earlier label."""
    ax.get_xlim(), ax.get_ylim()  # matplotlib settles the scale only when asked; before that nothing has a place
    pixel = ax.figure.dpi / 72
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in ax.transData.transform(points)]
    frame = ax.get_window_extent()
    for point, label in zip(points, labels, strict=True):
        x, y = ax.transData.transform(point)
        width, height = len(str(label)) * size * 0.58 * pixel, size * 1.15 * pixel

        def box(dx, dy, x=x, y=y, width=width, height=height):
            left = x + dx * pixel - (width if dx < 0 else width / 2 if dx == 0 else 0)
            return left, y + dy * pixel - height / 2, left + width, y + dy * pixel + height / 2

        def cost(place, box=box, height=height):
            """How many pixels would be covered, or written outside of the picture."""
            a = box(*place)
            outside = max(0, frame.x0 - a[0]) + max(0, a[2] - frame.x1 - 12)
            return outside * height + sum(overlap(a, b) for b in taken)

        dx, dy = min(AROUND, key=cost)  # the first of the best
        taken.append(box(dx, dy))
        side = "left" if dx > 0 else "right" if dx < 0 else "center"
        ax.annotate(str(label), point, (dx, dy), textcoords="offset points", ha=side, va="center", fontsize=size,
                    color=INK)  # fmt: skip


def overlap(a, b) -> float:
    """The area that two boxes (left, bottom, right, top) share.

    >>> overlap((0, 0, 2, 2), (1, 1, 3, 3)), overlap((0, 0, 1, 1), (2, 0, 3, 1))
    (1, 0)
    """
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def beside_ends(ax, ends: dict, size: float = 9.0) -> None:
    """Write the name of each curve at its end, pushed apart where two ends are close.

    ends: name → (x, y, colour). A legend would make the eye walk; a name at the end does not.
    """
    named = sorted(((y, name, x, colour) for name, (x, y, colour) in ends.items() if name and np.isfinite(y)))
    if not named:
        return
    widest = max(len(name) for _, name, _, _ in named) * size * 0.6 * ax.figure.dpi / 72
    box = ax.get_position()
    ax.set_position([box.x0, box.y0, max(box.width - widest / ax.figure.bbox.width, box.width / 2), box.height])
    ax.get_xlim(), ax.get_ylim()  # settles the scale
    pixel, floor = ax.figure.dpi / 72, -np.inf
    for y, name, x, colour in named:
        wanted = ax.transData.transform((x, y))[1]
        floor = max(wanted, floor + size * 1.3 * pixel)
        ax.annotate(name, (x, y), (6, (floor - wanted) / pixel), textcoords="offset points", color=colour, va="center",
                    weight="bold", fontsize=size, annotation_clip=False)  # fmt: skip
