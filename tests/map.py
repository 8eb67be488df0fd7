"""Draw which notebook imports what from which, as one picture: `python tests/map.py` writes 00_setup/map.png.

The arrows are read from the notebooks themselves. Those still to come stand there in grey. The same
notebooks give the same bytes.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests")]

import course  # noqa: E402
import matplotlib  # noqa: E402

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402
from notebook import notebooks  # noqa: E402
from promises import Notebook  # noqa: E402

COLOURS = ("#999999", "#0072B2", "#009E73", "#CC79A7", "#D55E00")  # Okabe and Ito 2008; the boxes carry words too
WIDTH, HEIGHT = 3.2, 0.62  # of a column and of a row, in inches
BOX = 1.75


def places(rows) -> dict[str, tuple[float, float]]:
    """Where each notebook stands: a column a module, in reading order from the top."""
    folders = sorted({row.folder for row in rows})
    depth: dict[str, int] = {}
    found = {}
    for row in rows:
        number = depth[row.folder] = depth.get(row.folder, 0) + 1
        found[row.noun] = (folders.index(row.folder) * WIDTH, -number * HEIGHT)
    return found


def arrow(axes, start, end, names, colour) -> None:
    """An arrow from where a name is defined to where it is used, with the names on it."""
    same = start[0] == end[0]
    bend = 0.4 if same else 0.1  # within a module on the left of its column, between modules from the right
    side = BOX / 2 if end[0] > start[0] else -BOX / 2
    tail = (start[0] + side, start[1])
    head = (end[0] + side, end[1]) if same else (end[0] - side, end[1])
    axes.annotate(
        "", xy=head, xytext=tail,
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1, "connectionstyle": f"arc3,rad={bend}"},
    )  # fmt: skip
    dx, dy = head[0] - tail[0], head[1] - tail[1]
    # on the curve, a quadratic Bézier, three quarters of the way: where several start, their ends are apart
    way = 0.5 if same else 0.75
    x = tail[0] + way * dx + 2 * way * (1 - way) * bend * dy
    y = tail[1] + way * dy - 2 * way * (1 - way) * bend * dx
    axes.text(
        x, y, textwrap.fill(", ".join(sorted(names)), 24), ha="center", va="center",
        fontsize=6, family="monospace", color="#222222",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
    )  # fmt: skip


def draw(root: Path, target: Path) -> None:
    """Write the picture of the course in `root` to the file `target`."""
    syllabus = course.load(root)
    rows, written = syllabus.notebooks, {page.noun: page for page in map(Notebook, notebooks(root))}
    at = places(rows)
    folders = sorted({row.folder for row in rows})
    width = max(x for x, _ in at.values()) + WIDTH
    height = -min(y for _, y in at.values()) + 2 * HEIGHT
    with plt.rc_context({"font.family": "DejaVu Sans", "svg.hashsalt": "map"}):
        figure = plt.figure(figsize=(width, height), dpi=110)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-WIDTH / 2, width - WIDTH / 2), ylim=(-height + HEIGHT / 2, HEIGHT / 2))
        axes.axis("off")
        for number, folder in enumerate(folders):
            title = folder[3:].replace("_", " ")
            axes.text(number * WIDTH, 0, f"{folder[:2]} {title}", ha="center", fontsize=8, weight="bold")
        for row in rows:
            x, y = at[row.noun]
            colour = COLOURS[folders.index(row.folder) % len(COLOURS)] if row.noun in written else "#cccccc"
            axes.add_patch(
                plt.Rectangle((x - BOX / 2, y - 0.17), BOX, 0.34, facecolor="white", edgecolor=colour, lw=1.6, zorder=2)
            )
            words = f"{row.number} {row.noun.replace('_', ' ')}"
            ink = "#000000" if row.noun in written else "#999999"
            axes.text(x, y, words, ha="center", va="center", fontsize=7, color=ink, zorder=3)
        for noun, page in written.items():
            for other, names in sorted(page.imports.items()):
                shown = other in at and noun in at and other not in page.asides
                if shown and other != noun and page.path.parent.name != "00_setup":
                    source = syllabus.row(other).folder
                    colour = COLOURS[folders.index(source) % len(COLOURS)]
                    arrow(axes, at[other], at[noun], names, colour)
        figure.savefig(target, metadata={"Software": None})
        plt.close(figure)


if __name__ == "__main__":
    draw(ROOT, ROOT / "00_setup" / "map.png")
    print("00_setup/map.png")
