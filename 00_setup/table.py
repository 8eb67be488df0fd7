"""Tables: columns that line up, as HTML in a notebook and as text everywhere else."""

from __future__ import annotations

import html
import numbers

import numpy as np
from canvas import emit


def table(rows, columns=None, digits: int = 3, title: str = "") -> None:
    """Show rows under column names; numbers with `digits` decimals at most, aligned to the right.

    rows: sequences of values, or dictionaries with the same keys (then they name the columns).
    Raises ValueError if a row does not fit the columns.
    >>> table([("cat", 0.9217), ("dog", 1)], ["word", "cosine"])
    word  cosine
    cat    0.922
    dog        1
    """
    rows = list(rows)
    if columns is None and rows and isinstance(rows[0], dict):
        columns = list(rows[0])
    cells = [[row[c] for c in columns] if isinstance(row, dict) else list(row) for row in rows]
    columns = [""] * (len(cells[0]) if cells else 0) if columns is None else [str(c) for c in columns]
    for place, row in enumerate(cells):
        if len(row) != len(columns):
            raise ValueError(f"row {place} has {len(row)} values for {len(columns)} columns: {row}")
    right = [bool(cells) and all(is_number(row[c]) for row in cells) for c in range(len(columns))]
    texts = [[written(value, digits) for value in row] for row in cells]
    emit({"text/html": as_html(texts, columns, right, title), "text/plain": as_text(texts, columns, right, title)})


def is_number(value) -> bool:
    """Is this to be aligned to the right?

    >>> is_number(3), is_number(np.float32(1)), is_number("3"), is_number(True), is_number(None)
    (True, True, False, False, False)
    """
    return isinstance(value, numbers.Number | np.number) and not isinstance(value, bool)


def written(value, digits: int) -> str:
    """One value as text; floats with a fixed number of decimals, so that a column lines up.

    >>> written(2/3, 3), written(-0.0, 1), written(7, 3), written(True, 3), written("a", 3)
    ('0.667', '0.0', '7', 'True', 'a')
    """
    if isinstance(value, float | np.floating):
        text = f"{value:.{digits}f}"
        return text.lstrip("-") if text.strip("-0.") == "" else text
    return str(value)


def as_text(texts, columns, right, title: str) -> str:
    """The table with spaces between its columns."""
    head = [columns] if any(columns) else []
    widths = [max((len(row[c]) for row in head + texts), default=0) for c in range(len(columns))]
    lines = [
        "  ".join(t.rjust(w) if r else t.ljust(w) for t, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in head + texts
    ]
    return "\n".join([title, *lines] if title else lines)


def as_html(texts, columns, right, title: str) -> str:
    """The table in HTML, with a caption and header cells that screen readers understand."""

    def line(row, tag):
        ends = ("right" if r else "left" for r in right)
        return "".join(
            f'<{tag} style="text-align:{end};padding:.25em .9em">{html.escape(text)}</{tag}>'
            for text, end in zip(row, ends, strict=True)
        )

    caption = f'<caption style="text-align:left;padding:.25em .9em">{html.escape(title)}</caption>' if title else ""
    head = f"<thead><tr>{line(columns, 'th')}</tr></thead>" if any(columns) else ""
    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in texts)
    return (
        f'<table style="margin:.4em 0;font-variant-numeric:tabular-nums">{caption}{head}<tbody>{body}</tbody></table>'
    )
