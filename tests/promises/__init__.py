"""What every published notebook promises, so that it can be checked without running it.

A promise is a function of a `Notebook` that yields complaints: which cell, what is wrong, what to do.
`test_notebooks.py` holds every notebook to every promise; `test_promises.py` breaks a good notebook in
one way after another and sees that the promise notices.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import course
import notebook as files

PROMISES: dict[str, Callable[[Notebook], Iterator[str]]] = {}
SETUP = "00_setup"  # the shop window: shorter notebooks, and it may look ahead


def promise(rule):
    """Register a rule under its name."""
    PROMISES[rule.__name__] = rule
    return rule


@dataclass(frozen=True)
class Notebook:
    """A notebook in its course: its cells, its syntax, its row in the syllabus."""

    path: Path

    @property
    def root(self) -> Path:
        return self.path.parents[1]

    @property
    def noun(self) -> str:
        return files.noun(self.path)

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def cells(self) -> list[files.Cell]:
        return files.parse(self.text)

    @cached_property
    def code(self) -> list[files.Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @cached_property
    def markdown(self) -> list[files.Cell]:
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @cached_property
    def course(self) -> course.Course:
        return course.load(self.root)

    @cached_property
    def row(self) -> course.Row | None:
        return next((row for row in self.course.notebooks if row.noun == self.noun), None)

    @cached_property
    def exercises(self) -> dict[str, files.Exercise]:
        try:
            return files.exercises(self.path)
        except (ValueError, SyntaxError, IndexError):  # exercises_are_exercises says which one, and what to mend
            return {}

    @cached_property
    def definitions(self) -> list[tuple[ast.stmt, files.Cell]]:
        """Functions, classes and CONSTANTS of the page, in order, exercises aside. Imports are no definitions."""
        kinds = (ast.Import, ast.ImportFrom)
        return [
            (node, cell)
            for cell in self.code
            if "exercise" not in cell.tags
            for node in tree(cell.source).body
            if files.is_definition(node) and not isinstance(node, kinds)
        ]

    @cached_property
    def functions(self) -> list[tuple[ast.FunctionDef | ast.ClassDef, files.Cell]]:
        return [(node, cell) for node, cell in self.definitions if isinstance(node, FUNCTION)]

    @cached_property
    def names(self) -> set[str]:
        """What `built` offers: the definitions, and the exercises that are core."""
        return {name(node) for node, _ in self.definitions if not grows(node)} | {
            given for given, exercise in self.exercises.items() if exercise.core
        }

    @cached_property
    def calls(self) -> list[tuple[str, ast.Call, files.Cell]]:
        """Every call of a plain name, outside exercises: the name, the call, its cell."""
        return [
            (node.func.id, node, cell)
            for cell in self.code
            for node in ast.walk(tree(cell.source))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The notebooks that this one imports from, with the names it takes."""
        return built_in(node for cell in self.code for node in ast.walk(tree(cell.source)))

    @cached_property
    def asides(self) -> frozenset[str]:
        """The notebooks that it reaches only inside a function which says `Opens with built.x`."""
        trees = [tree(cell.source) for cell in self.code]
        said = [
            (node, f"Opens with built.{other}")
            for top in trees
            for node in ast.walk(top)
            if isinstance(node, FUNCTION)
            for other in built_in(ast.walk(node))
        ]
        open_ones = [(node, words) for node, words in said if words in (ast.get_docstring(node) or "")]
        inner = {id(part) for node, _ in open_ones for part in ast.walk(node)}
        others = built_in(node for top in trees for node in ast.walk(top) if id(node) not in inner)
        return frozenset(words.removeprefix("Opens with built.") for _, words in open_ones) - set(others)


FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def built_in(nodes) -> dict[str, set[str]]:
    """The notebooks that these pieces of syntax import from, with the names they take."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("built."):
            found.setdefault(node.module.split(".")[1], set()).update(alias.name for alias in node.names)
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("built."):
                    found.setdefault(alias.name.split(".")[1], set())
    return found


@cache
def tree(source: str) -> ast.Module:
    """The syntax of a cell, magics blanked, `await` at the top allowed; empty if it is no Python.

    A learner's half-written cell must not make the promises of other notebooks unreadable: `cells_are_python`
    says which published cell does not parse.
    """
    try:
        return parse(source)
    except SyntaxError:
        return ast.Module([], [])


def parse(source: str) -> ast.Module:
    """The syntax of a cell. Raises SyntaxError."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(files.python(source), "<cell>", "exec", flags=flags)


def name(node: ast.stmt) -> str:
    """The name that a definition binds."""
    if isinstance(node, FUNCTION):
        return node.name
    return node.targets[0].id if isinstance(node, ast.Assign) else node.target.id


def grows(node: ast.stmt) -> bool:
    """Is this a method added to a class in a cell of its own, by `@method(Engine)`?"""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id == "method" for d in node.decorator_list
    )


def code_lines(source: str) -> int:
    """Lines that hold code: blank ones, comments and docstrings aside.

    >>> code_lines('def f(x):\\n    "Doc."\\n    # why\\n\\n    return x')
    2
    """
    lines = {
        number
        for number, line in enumerate(source.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(tree(source)):
        if isinstance(node, (*FUNCTION, ast.Module)) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def prose(source: str) -> str:
    """What a markdown cell says in words: code, formulas, markup and addresses are taken out.

    >>> prose("See [the map](../a.md): `x = 1`, $a!$ and **b**.")
    'See the map:  ,   and **b**.'
    """
    source = re.sub(r"```.*?```|<!--.*?-->", " ", source, flags=re.DOTALL)
    source = re.sub(r"\$\$.*?\$\$|`[^`]*`|\$[^$\n]+\$", " ", source, flags=re.DOTALL)
    source = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", source)
    return re.sub(r"<[^>\n]+>", " ", source)


def broken(notebook: Notebook, names: list[str] | None = None) -> dict[str, list[str]]:
    """The promises that `notebook` breaks, with what to mend."""
    found = {rule: list(PROMISES[rule](notebook)) for rule in names or PROMISES}
    return {rule: complaints for rule, complaints in found.items() if complaints}


from promises import anatomy, definitions, imports, outputs, size, text  # noqa: E402, F401  (they register)
