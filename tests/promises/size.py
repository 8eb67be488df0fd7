"""Promises about size and rhythm: the hard bounds of a notebook, and the aims, which are only reported."""

from __future__ import annotations

import ast
import itertools
import re
import statistics

from promises import FUNCTION, code_lines, promise, prose, tree

CODE_CELLS, LINES, FUNCTION_LINES, WORDS, IN_A_ROW, KILOBYTES = 60, 30, 30, 170, 5, 800


def lines_of(node: ast.stmt, source: str) -> int:
    """Lines of code of one definition, docstring aside."""
    import textwrap

    body = source.splitlines()[node.lineno - 1 : node.end_lineno]
    return code_lines(textwrap.dedent("\n".join(body)))


def every_function(notebook):
    """Each function of the page, methods included, with its number of lines and its cell."""
    for cell in notebook.code:
        for node in ast.walk(tree(cell.source)):
            if isinstance(node, FUNCTION[:2]):
                yield node.name, lines_of(node, cell.source), cell


def words(cell) -> int:
    """Words to be read in a row: the rows of a table are looked up, not read."""
    return len(re.sub(r"^[ \t]*\|.*$", "", prose(cell.source), flags=re.MULTILINE).split())


def longest_run(notebook) -> list:
    """The most code cells that follow each other without a word between."""
    groups = itertools.groupby(notebook.cells, key=lambda cell: cell.kind)
    return max((list(cells) for kind, cells in groups if kind == "code"), key=len, default=[])


@promise
def cells_are_short(notebook):
    """One idea a cell."""
    for cell in notebook.code:
        if (lines := code_lines(cell.source)) > LINES:
            yield f"cell {cell.id!r} has {lines} lines of code, at most {LINES} may be. Make it two ideas"


@promise
def functions_are_short(notebook):
    """A function fits the eye."""
    for name, lines, cell in every_function(notebook):
        if lines > FUNCTION_LINES:
            yield f"`{name}` in cell {cell.id!r} has {lines} lines, at most {FUNCTION_LINES} may be. Split it"


@promise
def paragraphs_are_short(notebook):
    """A reader sees code again before tiring."""
    for cell in notebook.markdown:
        if (count := words(cell)) > WORDS:
            yield f"cell {cell.id!r} has {count} words, at most {WORDS} may be. Cut, or put code between"


@promise
def code_and_words_alternate(notebook):
    """Enough words between the code, and not more code than one sitting holds."""
    if len(notebook.code) > CODE_CELLS:
        yield f"has {len(notebook.code)} code cells, at most {CODE_CELLS} may be. Make two notebooks of it"
    if notebook.code and len(notebook.markdown) / len(notebook.code) < 0.6:
        yield f"has {len(notebook.markdown)} markdown cells for {len(notebook.code)} code cells: at least 0.6 : 1"
    run = longest_run(notebook)
    if len(run) > IN_A_ROW:
        yield f"has {len(run)} code cells in a row from {run[0].id!r} on, at most {IN_A_ROW} may be. Say a word between"


@promise
def file_is_small(notebook):
    """It opens on GitHub and in Colab."""
    if (size := len(notebook.text.encode()) / 1000) > KILOBYTES:
        yield f"is {size:.0f} KB, at most {KILOBYTES} may be. Fewer or smaller pictures"


def share(values, most) -> float:
    """How much of `values` is at most `most`."""
    return sum(value <= most for value in values) / len(values) if values else 1.0


def ends_bare(cell) -> bool:
    """Does the cell end with an expression to see, rather than a call of print?"""
    body = tree(cell.source).body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    return last is not None and not (isinstance(last, ast.Call) and getattr(last.func, "id", "") == "print")


def aims(notebook) -> list[str]:
    """Where the notebook misses an aim of the house. Reported, never failed."""
    cells = [code_lines(cell.source) for cell in notebook.code]
    functions = [lines for _, lines, _ in every_function(notebook)]
    said = [words(cell) for cell in notebook.markdown]
    ratio = len(notebook.markdown) / max(1, len(notebook.code))
    bare = sum(map(ends_bare, notebook.code)) / max(1, len(notebook.code))
    size = len(notebook.text.encode()) / 1000
    checks = [
        (15 <= len(cells) <= 40, f"{len(cells)} code cells (15–40)"),
        (statistics.median(cells or [0]) <= 5, f"median of {statistics.median(cells or [0]):.0f} lines a cell (5)"),
        (share(cells, 12) >= 0.9, f"{share(cells, 12):.0%} of cells within 12 lines (90 %)"),
        (
            statistics.median(functions or [0]) <= 8,
            f"median function {statistics.median(functions or [0]):.0f} lines (8)",
        ),
        (share(functions, 15) >= 0.9, f"{share(functions, 15):.0%} of functions within 15 lines (90 %)"),
        (0.8 <= ratio <= 1.2, f"{ratio:.2f} markdown cells a code cell (0.8–1.2)"),
        (25 <= statistics.median(said or [25]) <= 60, f"median of {statistics.median(said or [0]):.0f} words (25–60)"),
        (len(longest_run(notebook)) <= 3, f"{len(longest_run(notebook))} code cells in a row (3)"),
        (bare > 0.4, f"{bare:.0%} of cells end with an expression to see (40 %)"),
        (size <= 300, f"{size:.0f} KB (300)"),
    ]
    return [words for reached, words in checks if not reached]
