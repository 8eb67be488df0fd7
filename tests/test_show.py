"""Figures: shown at once, in words as well, small, and None."""

from __future__ import annotations

import base64
import doctest
import io
import itertools

import canvas
import controls
import diagram
import drag
import labels
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import play
import pytest
import show
import table
from PIL import Image

matplotlib.use("agg")
DRAWINGS = {
    "vectors": lambda: show.vectors({"a": (3, 1), "b": (1, 2)}, start={"b": (3, 1)}),
    "matrix": lambda: show.matrix([[0.5, -np.inf], [np.nan, -2]], labels=["cat", "dog"], title="Scores"),
    "large matrix": lambda: show.matrix(np.random.default_rng(0).normal(size=(64, 64))),
    "curve": lambda: show.curve([1, 2, 4], {"ours": [3, 2, 1], "theirs": [3, 2, 1]}, "step", "loss", log="xy"),
    "bars": lambda: show.bars({"queen": 0.8612, "cabbage": -0.1}),
    "scatter": lambda: show.scatter([(0, 0), (1, 1), (1, 0)], ["a", "b", "c"], groups=["x", "x", "y"]),
    "graph": lambda: show.graph([("a", "b", "then"), ("b", "a"), ("a", "c")]),
}


@pytest.fixture
def shown(monkeypatch):
    """What reaches the page, as (data, metadata)."""
    page = []
    monkeypatch.setattr(canvas, "emit", lambda data, metadata=None: page.append((data, metadata)))
    monkeypatch.setattr(table, "emit", lambda data, metadata=None: page.append((data, metadata)))
    with matplotlib.rc_context():
        show.style()
        yield page


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_shown_once_small_with_words_and_returns_none(shown, name):
    assert DRAWINGS[name]() is None
    DRAWINGS[name]()
    (data, metadata), again = shown
    assert (data, metadata) == again, "the same figure gave other bytes"
    assert data["text/plain"] == metadata["image/png"]["alt"] != ""
    png = base64.b64decode(data["image/png"])
    assert len(png) < 25_000
    assert Image.open(io.BytesIO(png)).size == (metadata["image/png"]["width"], metadata["image/png"]["height"])
    assert plt.get_fignums() == []


def test_the_words_say_what_is_in_the_figure(shown):
    for draw in DRAWINGS.values():
        draw()
    words = dict(zip(DRAWINGS, (data["text/plain"] for data, _ in shown), strict=True))
    assert words["vectors"] == "Arrows: a to (3, 1) and b to (1, 2)."
    assert words["matrix"] == "Scores: 2 × 2 matrix. Rows and columns: cat and dog. Values from −2.00 to 0.50."
    assert words["curve"] == "loss over step: ours goes from 3 to 1; theirs goes from 3 to 1."
    assert words["bars"] == "Bars: queen 0.86 and cabbage −0.10."
    assert words["graph"] == "A graph: a to b (then), b to a and a to c."


def test_the_readers_own_drawing_is_shown_with_words(shown):
    plt.plot([1, 2])
    assert show.figure("a line") is None
    assert shown[0][1]["image/png"]["alt"] == "a line"


@pytest.mark.parametrize(
    "draw, words",
    [
        (lambda: show.vectors({"a": (1, 2, 3)}), r"a must be two numbers .*\(3,\)"),
        (lambda: show.matrix([1, 2]), r"rows and columns, got shape \(2,\)"),
        (lambda: show.matrix([[1, 2]], labels=["a"]), "1 labels for 2 columns"),
        (lambda: show.curve([1, 2], {"y": [1]}), "y has 1 values for 2 places"),
        (lambda: show.scatter([1, 2]), r"shape \(n, 2\), got \(2,\)"),
        (lambda: show.graph([]), "at least one edge"),
        (lambda: show.table([(1, 2), (3,)]), "row 1 has 1 values for 2 columns"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(shown, draw, words):
    with pytest.raises(ValueError, match=words):
        draw()


def test_a_table_lines_up_and_escapes(shown):
    assert show.table([("<cat>", 0.92171, 1), ("dog", -0.5, 10)], ["word", "cosine", "n"]) is None
    data = shown[0][0]
    assert data["text/plain"] == "word   cosine   n\n<cat>   0.922   1\ndog    -0.500  10"
    assert "&lt;cat&gt;" in data["text/html"]
    assert "<cat>" not in data["text/html"]


def test_rows_may_be_dictionaries_and_empty(shown):
    show.table([{"a": 1, "b": "x"}])
    show.table([], ["a", "b"])
    assert [data["text/plain"] for data, _ in shown] == ["a  b\n1  x", "a  b"]


def test_labels_keep_out_of_each_others_way():
    figure = plt.figure(figsize=canvas.SIZE)
    ax, points = figure.gca(), np.array([(0.5, 0.5), (0.52, 0.51), (0.5, 0.53)])
    ax.scatter(*points.T)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    labels.beside_points(ax, points, ["first", "second", "third"])
    figure.canvas.draw()
    boxes = [text.get_window_extent().extents for text in ax.texts]
    assert [labels.overlap(a, b) for a, b in itertools.combinations(boxes, 2)] == [0, 0, 0]
    plt.close(figure)


def test_colours_differ_in_lightness_or_hue_for_every_kind_of_vision():
    """Machado, Oliveira and Fernandes (2009), severity 1: no two of the first five colours fall together."""
    seen = {
        "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
        "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
    }
    colours = np.array([matplotlib.colors.to_rgb(colour) for colour in canvas.COLOURS[:5]])
    for vision, by in seen.items():
        as_seen = (colours**2.2) @ np.array(by).T
        for one, other in itertools.combinations(as_seen.clip(0, 1) ** (1 / 2.2), 2):
            assert np.abs(one - other).max() > 0.08, vision


@pytest.mark.parametrize("module", [canvas, controls, diagram, drag, labels, play, show, table])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0
