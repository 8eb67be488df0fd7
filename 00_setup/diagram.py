"""Graphs of named nodes: what follows what."""

from __future__ import annotations

import numpy as np
from canvas import BLUE, GREY, INK, axes, finish, listed, margins


def graph(edges, title: str = "", colours: dict | None = None, alt: str | None = None) -> None:
    """Boxes and arrows. A graph without a cycle runs from left to right; one with a cycle stands in a circle.

    edges: (from, to) or (from, to, what is written on the arrow). colours: node → colour of its frame.
    >>> graph([("text", "tokens"), ("tokens", "vectors", "look up")])
    A graph: text to tokens and tokens to vectors (look up).
    """
    edges = [(str(e[0]), str(e[1]), str(e[2]) if len(e) > 2 else "") for e in edges]
    if not edges:
        raise ValueError("a graph needs at least one edge (from, to)")
    places = layers(edges) or circle(edges)
    xy = np.array(list(places.values()))
    span = xy.max(axis=0) - xy.min(axis=0)
    longest = max(map(len, places))
    ax = axes((min(1.6 + span[0] * (0.8 + 0.085 * longest), 8.5), max(1.15, 0.75 + 0.72 * span[1])))
    boxes = {}
    for name, place in places.items():
        frame = {"boxstyle": "round,pad=.5", "fc": "white", "ec": (colours or {}).get(name, BLUE), "lw": 1.5}
        text = ax.text(*place, name, ha="center", va="center", color=INK, fontsize=9, bbox=frame, zorder=2)
        boxes[name] = text.get_bbox_patch()
    for tail, tip, words in edges:
        between = {"arrowstyle": "-|>", "color": GREY, "lw": 1.3, "shrinkA": 1, "shrinkB": 2, "mutation_scale": 12,
                   "patchA": boxes[tail], "patchB": boxes[tip]}  # fmt: skip
        if tail != tip and (tip, tail) in {e[:2] for e in edges}:
            between["connectionstyle"] = "arc3,rad=.22"  # two arrows that would lie on each other
        # Drawn after the boxes (zorder): matplotlib places a box only when it draws it.
        ax.annotate("", places[tip], places[tail], arrowprops=between, zorder=3)
        middle = (np.array(places[tail]) + places[tip]) / 2
        ax.annotate(words, middle, (0, 7), textcoords="offset points", fontsize=8, color=GREY, ha="center", zorder=4)
    ax.set_axis_off()
    ax.set_title(title)
    margins(ax, 0.1, 0.1, 0.05, 0.3 if title else 0.05)
    ax.set(xlim=(xy[:, 0].min() - 0.55, xy[:, 0].max() + 0.55), ylim=(xy[:, 1].min() - 0.5, xy[:, 1].max() + 0.5))
    said = listed(f"{a} to {b}" + (f" ({words})" if words else "") for a, b, words in edges)
    finish(alt or f"{title or 'A graph'}: {said}.")


def layers(edges) -> dict[str, tuple[float, float]] | None:
    """Each node one step to the right of the last that leads to it; None if there is a cycle.

    >>> layers([("a", "b"), ("b", "c"), ("a", "c")])
    {'a': (0, -0.0), 'b': (1, -0.0), 'c': (2, -0.0)}
    >>> layers([("a", "b"), ("b", "a")]) is None
    True
    """
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    step = dict.fromkeys(nodes, 0)
    for _ in nodes:
        late = [(a, b) for a, b, *_ in edges if step[b] <= step[a]]
        if not late:
            break
        for a, b in late:
            step[b] = max(step[b], step[a] + 1)
    else:
        return None
    columns = {s: [node for node in nodes if step[node] == s] for s in sorted(set(step.values()))}
    return {n: (s, -(i - (len(column) - 1) / 2)) for s, column in columns.items() for i, n in enumerate(column)}


def circle(edges) -> dict[str, tuple[float, float]]:
    """The nodes around a circle, clockwise from the top."""
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    radius, angles = max(1.0, len(nodes) / 3), np.linspace(0, 2 * np.pi, len(nodes), endpoint=False)
    return {n: (radius * float(np.sin(t)), radius * float(np.cos(t))) for n, t in zip(nodes, angles, strict=True)}
