"""Read a notebook file: its cells, its exercises, its definitions.

A notebook is JSON on disk and a module in Python's eyes. This file knows the first half: where the
notebooks are, what a cell holds, where an exercise keeps its stub and its solution. `built.py` turns
that into modules; `exercise.py` into something that can be checked.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"<details>.*?```python\n(.*?)```", re.DOTALL)
MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w., ]+=[ \t]*[%!].*|[\w.]+\?{1,2}[ \t]*$)", re.MULTILINE)
_here: Path | None = None


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is "code" or "markdown", `tags` a frozenset, `outputs` as stored."""

    id: str
    kind: str
    source: str
    tags: frozenset[str] = frozenset()
    count: int | None = None
    outputs: tuple = ()
    metadata: dict | None = None


@dataclass(frozen=True)
class Exercise:
    """A function the learner writes: the cell as it stands now, and the published solution."""

    name: str
    noun: str
    cell: Cell
    solution: str  # source with the specification (docstring) of the stub spliced in
    core: bool  # does `built` hand it on to later notebooks?


def notebooks(root: Path = ROOT) -> list[Path]:
    """Every notebook of the course, in reading order."""
    return sorted(root.glob("[0-9][0-9]_*/[0-9][0-9]_*.ipynb"))


def noun(path: Path) -> str:
    """The name by which a notebook is imported.

    >>> noun(Path("01_linear_algebra/01_vectors.ipynb"))
    'vectors'
    """
    return path.stem[3:]


def find(name: str, root: Path = ROOT) -> Path | None:
    """The notebook called `name`, or None. Nouns are unique across the course."""
    found = [path for path in notebooks(root) if noun(path) == name]
    if len(found) > 1:
        raise ImportError(f"two notebooks are called {name!r}: {', '.join(map(str, found))}. Rename one of them.")
    return found[0] if found else None


def here() -> Path | None:
    """The notebook that is running, as its first cell told `start.py`; None outside a notebook."""
    return _here


def enter(name: str, root: Path = ROOT) -> Path | None:
    """Remember that notebook `name` is the one that is running."""
    global _here
    _here = find(name, root)
    return _here


def parse(text: str) -> list[Cell]:
    """The cells of a notebook given as the text of its file."""
    return [
        Cell(
            id=raw.get("id", f"cell-{number}"),
            kind=raw["cell_type"],
            source="".join(raw["source"]),
            tags=frozenset(raw.get("metadata", {}).get("tags", [])),
            count=raw.get("execution_count"),
            outputs=tuple(raw.get("outputs", ())),
            metadata=raw.get("metadata", {}),
        )
        for number, raw in enumerate(json.loads(text)["cells"])
    ]


def cells(path: Path) -> list[Cell]:
    """The cells of the notebook file `path`."""
    return parse(path.read_text("utf-8"))


def python(source: str) -> str:
    """The source of a cell with magics, shell lines and `name?` blanked, so that `ast` can read it.

    Source that is Python already comes back as it is: a continuation line may well start with `%`.
    A cell in another language (`%%bash`, `%%writefile`) is blank.
    >>> python("%run ../00_setup/start.py\\nx = 1")
    '\\nx = 1'
    >>> python("if fresh:\\n    !git clone x")
    'if fresh:\\n    pass'
    """
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        first = source.split(maxsplit=1)[0]
        if first.startswith("%%") and first not in ("%%time", "%%timeit", "%%capture"):
            return ""
    return MAGIC.sub(lambda line: f"{line[1]}pass" if line[1] else "", source)


def is_definition(node: ast.stmt) -> bool:
    """Is this statement an import, a function, a class or a CONSTANT?"""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name.isupper() and len(name) > 1
    return False


def first_function(source: str) -> ast.FunctionDef | ast.ClassDef | None:
    """The first function or class that `source` defines at its top level, if it parses at all."""
    try:
        body = ast.parse(python(source)).body
    except SyntaxError:
        return None
    return next((node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)), None)


def is_empty(source: str, name: str) -> bool:
    """Has nobody written a body for `name` yet? A docstring, `pass` or `...` is no body."""
    try:
        body = ast.parse(python(source)).body
    except SyntaxError:
        return False
    node = next((n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name), None)
    return node is not None and all(
        isinstance(line, ast.Pass) or isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
        for line in node.body
    )


def with_docstring(solution: str, stub: str, name: str) -> str:
    """`solution` with the docstring of `stub` put back, so that the specification is written once."""
    node, spec = first_named(solution, name), first_named(stub, name)
    if node is None or spec is None or ast.get_docstring(node) or not ast.get_docstring(spec):
        return solution
    doc = spec.body[0]
    lines, text = solution.splitlines(), stub.splitlines()[doc.lineno - 1 : doc.end_lineno]
    return "\n".join(lines[: node.body[0].lineno - 1] + text + lines[node.body[0].lineno - 1 :]) + "\n"


def first_named(source: str, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    """The top-level function or class `name` in `source`, or None."""
    try:
        body = ast.parse(python(source)).body
    except SyntaxError:
        return None
    return next((n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name), None)


def exercises(path: Path) -> dict[str, Exercise]:
    """The exercises of a notebook by name: cell `exercise-NAME`, solution in markdown `solution-NAME`.

    The function's name is the one that the solution defines last: the learner's own cell may be broken.
    """
    by_id = {cell.id: cell for cell in cells(path)}
    found = {}
    for cell in by_id.values():
        answer = by_id.get(cell.id.replace("exercise-", "solution-", 1))
        if "exercise" not in cell.tags or not cell.id.startswith("exercise-") or answer is None:
            continue
        fenced = FENCE.search(answer.source)
        if fenced is None:
            raise ValueError(f"{path.name}: cell {answer.id!r} holds no ```python block inside <details>")
        defined = [n for n in ast.parse(fenced[1]).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        name = defined[-1].name
        solution = with_docstring(fenced[1], cell.source, name)
        found[name] = Exercise(name, noun(path), cell, solution, "core" in cell.tags)
    return found
