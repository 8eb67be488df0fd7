"""Promises about definitions: explained, shown at work, honest about their errors, named once."""

from __future__ import annotations

import ast
import re

import notebook as files

from promises import FUNCTION, Notebook, grows, name, parse, promise, tree

CLAIM = re.compile(r"Raises?\s+(.*?)(?:\.\s|\.$|\n\s*\n|\n\s*>>>|\Z)", re.DOTALL)
ERROR = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Exit|Interrupt|Timeout|Refused|Denied|Exceeded))\b")
CHEAP = {
    "Path", "dict", "list", "set", "tuple", "frozenset", "range", "len", "sorted", "min", "max", "sum", "zip",
    "namedtuple", "Fraction", "Decimal", "TypeVar", "ord", "chr", "float", "int", "str", "bytes", "slice", "enumerate",
}  # fmt: skip
CHEAP_METHODS = {
    "compile", "array", "eye", "zeros", "ones", "arange", "linspace", "tensor", "device", "split", "join",
    "format", "sqrt", "log", "exp", "strip", "dedent", "encode", "fromkeys", "items", "keys", "values", "lower",
    "upper", "splitlines", "replace", "removeprefix", "removesuffix", "reshape", "finfo", "namedtuple", "date",
}  # fmt: skip


CHEAP_READS = {"os.environ.get", "facts.fact", "course.load"}  # a setting, and two small files read once


def calls_in(node: ast.AST) -> set[str]:
    """Names used in `node`: variables, and attributes (a method is shown at work by `engine.step()`)."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def raised(node: ast.AST) -> set[str]:
    """Errors that the body raises by name and does not catch itself."""
    caught = {
        error
        for n in ast.walk(node)
        if isinstance(n, ast.ExceptHandler) and n.type is not None
        for error in calls_in(n.type)
    }
    found = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Raise) and n.exc is not None:
            error = n.exc.func if isinstance(n.exc, ast.Call) else n.exc
            if isinstance(error, ast.Name) and error.id[0].isupper():
                found.add(error.id)
    return found - caught


def claimed(docstring: str) -> set[str]:
    """Errors that a docstring says are raised, doctests aside.

    >>> sorted(claimed("Scale. Raises ValueError if `k` is 0, TypeError if it is text."))
    ['TypeError', 'ValueError']
    """
    words = re.sub(r"^\s*(>>>|\.\.\.).*$|^Traceback.*", "", docstring, flags=re.MULTILINE)
    return {error for claim in CLAIM.findall(words) for error in ERROR.findall(claim)}


def specified(notebook: Notebook) -> list[tuple[ast.stmt, str, str]]:
    """Functions and classes with the cell they stand in, exercises by their published solution."""
    found = [(node, cell.id, cell.source) for node, cell in notebook.functions]
    for given, exercise in notebook.exercises.items():
        if node := files.first_named(exercise.solution, given):
            found.append((node, exercise.cell.id, exercise.solution))
    return found


@promise
def cells_are_python(notebook):
    """Every code cell parses, magics aside, unless its error is the lesson."""
    for cell in notebook.code:
        try:
            parse(cell.source)
        except SyntaxError as error:
            if "raises-exception" not in cell.tags:
                yield f"cell {cell.id!r} does not parse: {error.msg}, line {error.lineno}"


@promise
def definitions_are_documented(notebook):
    """Every function and class says in a line what it is for."""
    for node, cell, _ in specified(notebook):
        if not (ast.get_docstring(node) or "").strip():
            yield f"`{node.name}` in cell {cell!r} has no docstring. Say in one line what it gives"


@promise
def definitions_are_shown_at_work(notebook):
    """Every function and class has a doctest, or is used on the page."""
    for node, cell, _ in specified(notebook):
        doctest = ">>>" in (ast.get_docstring(node) or "")
        exercise = node.name in notebook.exercises
        used = any(
            node.name in calls_in(statement)
            for other in notebook.code
            for statement in tree(other.source).body
            if not (isinstance(statement, FUNCTION) and statement.name == node.name)
        )
        if exercise and not doctest:
            yield f"exercise `{node.name}` in cell {cell!r} has no doctest: its specification lacks an example"
        elif not doctest and not used:
            yield f"`{node.name}` in cell {cell!r} is never shown at work. Give it a doctest, or use it below"


@promise
def docstrings_tell_the_errors(notebook):
    """Errors raised by name are named in the docstring; errors named there are raised, or shown by a doctest."""
    by_name = {node.name: node for node, _, _ in specified(notebook)}
    for node, cell, _ in specified(notebook):
        if isinstance(node, ast.ClassDef):
            continue
        doc = ast.get_docstring(node) or ""
        own, said = raised(node), claimed(doc)
        for error in sorted(own - said - {"NotImplementedError", "AssertionError", "StopIteration", "SystemExit"}):
            if error not in doc:
                yield f"`{node.name}` in cell {cell!r} raises {error} and does not say so. Add: Raises {error} if …"
        reached, waiting = set(), {node.name}
        while waiting:  # through the functions of this page that it calls
            given = waiting.pop()
            reached.add(given)
            waiting |= (calls_in(by_name[given]) & set(by_name)) - reached
        really = set().union(*(raised(by_name[given]) for given in reached))
        elsewhere = any(calls_in(node) & names for names in notebook.imports.values())
        for error in sorted(said - really):
            if "Traceback" not in doc and not elsewhere:
                yield f"`{node.name}` in cell {cell!r} says it raises {error}, and no line does. Show it by a doctest"


@promise
def names_are_defined_once(notebook):
    """The last definition of a name wins: a naive first version has a name of its own."""
    seen: dict[str, str] = {}
    for node, cell in notebook.definitions:
        given = name(node)
        if not grows(node) and given in seen:
            yield f"`{given}` is defined in cells {seen[given]!r} and {cell.id!r}. Name the first one for what it is"
        seen[given] = cell.id
    for given, exercise in notebook.exercises.items():
        if given in seen:
            yield f"`{given}` is an exercise in {exercise.cell.id!r} and defined in {seen[given]!r}. Rename one"


@promise
def constants_are_whole(notebook):
    """A CONSTANT is one expression: what is added to it later stays on the page, and whoever imports it lacks that."""
    for cell in notebook.code:
        for node in tree(cell.source).body:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                if node.target.id in notebook.names:
                    yield f"{node.target.id} grows in cell {cell.id!r}: `built` does not see it. Write one expression"


@promise
def constants_are_cheap(notebook):
    """A CONSTANT is a literal or a cheap expression: it is evaluated whenever the notebook is imported."""
    classes = {node.name for node, _ in notebook.functions if isinstance(node, ast.ClassDef)}
    for node, cell in notebook.definitions:
        if isinstance(node, FUNCTION) or node.value is None:
            continue
        for call in (n for n in ast.walk(node.value) if isinstance(n, ast.Call | ast.Await)):
            function = getattr(call, "func", None)
            plain = isinstance(function, ast.Name) and (function.id in CHEAP or function.id in classes)
            method = isinstance(function, ast.Attribute) and (
                function.attr in CHEAP_METHODS or ast.unparse(function) in CHEAP_READS
            )
            if not (plain or method):
                what = ast.unparse(function) if function else "await"
                yield f"{name(node)} in cell {cell.id!r} calls `{what}` on import. Make it a function with @cache"
