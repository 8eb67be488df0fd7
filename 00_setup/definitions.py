"""What of a notebook's code another notebook may use: imports, functions, classes and CONSTANTS."""

from __future__ import annotations

import ast

import notebook
from notebook import Cell


def exported(source: str, cell: str = "", file: str = "") -> list[ast.stmt]:
    """The definitions at the top level of a cell, in order.

    Raises SyntaxError, which names `cell` and `file` if it is told them.
    >>> [type(node).__name__ for node in exported("import math\\nn = 3\\nTAU = 2 * math.pi\\nprint(n)")]
    ['Import', 'Assign']
    """
    try:
        body = ast.parse(notebook.python(source)).body
    except SyntaxError as error:
        if cell:
            error.msg += f" (line {error.lineno} of cell {cell!r} in {file})"
            error.filename = f"{file}, cell {cell}"
        raise
    return [node for node in body if notebook.is_definition(node)]


def names(node: ast.stmt) -> list[str]:
    """The names that one definition binds.

    >>> names(exported("import os.path, numpy as np")[0]), names(exported("TAU = 6.28")[0])
    (['os', 'np'], ['TAU'])
    """
    match node:
        case ast.Import(names=imported) | ast.ImportFrom(names=imported):
            return [alias.asname or alias.name.split(".")[0] for alias in imported]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def names_of(source: str) -> frozenset[str]:
    """All names that a cell defines; none if it does not parse.

    >>> sorted(names_of("from math import tau\\nn = 3\\ndef f(): ...\\nf()"))
    ['f', 'tau']
    """
    try:
        return frozenset(name for node in exported(source) for name in names(node))
    except SyntaxError:
        return frozenset()


def variables(cells: list[Cell]) -> dict[str, str]:
    """What a notebook assigns but does not hand on: {variable: id of its first cell}.

    >>> variables([Cell("load", "code", "words = open('w').read().split()\\nLIMIT = 3")])
    {'words': 'load'}
    """
    found: dict[str, str] = {}
    for cell in cells:
        if cell.kind != "code":
            continue
        try:
            body = ast.parse(notebook.python(cell.source)).body
        except SyntaxError:
            continue
        stored = [
            name.id
            for node in body
            if not notebook.is_definition(node)
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        ]
        for name in stored:
            found.setdefault(name, cell.id)
    return found
