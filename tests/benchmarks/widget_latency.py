"""From a key to a new picture: `explore` against ipywidgets' `interact`, in one JupyterLab, in turns.

    python tests/benchmarks/widget_latency.py [MOVES]

Writes its section of RESULTS.md. Measured in the page: from keydown until the picture has changed and is decoded.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "00_setup")]

import results  # noqa: E402  (the path above comes first)
from browser import lab  # noqa: E402

DRAW = """
import sys
sys.path.insert(0, {setup!r})
import numpy as np, matplotlib.pyplot as plt, show
from ipywidgets import interact
from play import explore
show.style()
x = np.linspace(0, 6, 200)
def waves(k=1):
    plt.plot(x, np.sin(k * x / 9), label="sine")
    plt.plot(x, np.cos(k * x / 9), label="cosine")
    plt.xlabel("angle")
    plt.title(f"k is {{k}}")
    plt.legend()
    plt.show()
"""
WAIT = """
number => { const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[number];
  const area = cell.querySelector('.jp-Cell-outputArea');
  const source = () => [...area.querySelectorAll('img')].map(image => image.src).join();
  const before = source(); window.waited = null;
  document.addEventListener('keydown', () => { const began = performance.now();
    const look = () => { const images = [...area.querySelectorAll('img')];
      if (source() !== before && images.length && images.every(image => image.complete && image.naturalWidth))
        window.waited = performance.now() - began;
      else requestAnimationFrame(look); };
    requestAnimationFrame(look); }, {capture: true, once: true}); }
"""


def measure(moves: int) -> dict[str, list[float]]:
    """Milliseconds of each move, by what draws; the two take turns."""
    waits = {"explore": [], "interact": []}
    with tempfile.TemporaryDirectory() as folder:
        root, scratch = Path(folder) / "root", Path(folder) / "lab"
        root.mkdir(), scratch.mkdir()
        setup = DRAW.format(setup=str(lab.ROOT / "00_setup"))
        text = lab.notebook(setup, "explore(waves, k=(1, 99))", "interact(waves, k=(1, 99));")
        (root / "latency.ipynb").write_text(text)
        with lab.Lab(root, scratch) as server, lab.browser() as chromium:
            page = lab.Page(server, chromium, "latency.ipynb")
            page.run(2)
            for cell in (1, 2):
                page.calm(cell)
            for _ in range(moves + 1):
                for cell, name in ((1, "explore"), (2, "interact")):
                    handle = page.output(cell).locator(".noUi-handle").first
                    handle.focus()
                    page.tab.evaluate(WAIT, cell)
                    handle.press("ArrowRight")
                    page.until("() => window.waited !== null")
                    waits[name].append(page.tab.evaluate("() => window.waited"))
                    page.tab.wait_for_timeout(150)
            page.close()
    return {name: took[1:] for name, took in waits.items()}  # the first move warms up


def report(waits: dict[str, list[float]]) -> str:
    """The waits as Markdown: a table, the ratio, and how busy the machine was."""
    rows = []
    for name, took in waits.items():
        low, middle, high = statistics.quantiles(took, n=4)
        rows.append([f"`{name}`", f"{middle:.0f}", f"{low:.0f}–{high:.0f}"])
    ratio = statistics.median(waits["interact"]) / statistics.median(waits["explore"])
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    head = f"Headless Chromium, {len(waits['explore'])} moves each, {os.cpu_count()} cores, load {busy}."
    table = results.table(["", "median ms", "middle half"], rows)
    return f"{head}\n\n{table}\n\n`interact` takes {ratio:.1f} times as long."


if __name__ == "__main__":
    if lab.missing():
        sys.exit(lab.missing())
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    found = report(measure(moves))
    print(found)
    results.write("Widgets: from a key to a new picture", f"python tests/benchmarks/widget_latency.py {moves}", found)
