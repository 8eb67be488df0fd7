"""Can a later notebook use this answer? Only if it can reach all the names that the answer uses."""

from __future__ import annotations

import ast
import builtins
import symtable

import notebook
from definitions import names_of


def needed(source: str) -> list[str]:
    """Names that the definitions of a cell take from outside of it, in alphabetical order.

    >>> needed("SCALE = 2\\n\\ndef f(x):\\n    return SCALE * x + bias\\n\\nf = check(f)")
    ['bias']
    """
    body = [node for node in ast.parse(notebook.python(source)).body if notebook.is_definition(node)]
    top = symtable.symtable(ast.unparse(ast.Module(body, [])), "<cell>", "exec")
    waiting, found = [top], set()
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or scope is top and not symbol.is_assigned()):
                found.add(symbol.get_name())
    return sorted(found - names_of(source) - set(vars(builtins)))


def out_of_reach(source: str, names: dict) -> str | None:
    """What an answer uses that a later notebook would not find, and what to do, as the middle of a sentence.

    names: what the notebook hands on.
    """
    for name in needed(source):
        if name not in names:
            if name in stored(source):
                return f"`{name}`, a variable of this cell: write it in capitals or move it into the function"
            return f"`{name}`, which is defined in another cell: move it into this one"
    return None


def stored(source: str) -> set[str]:
    """The variables that a cell assigns at its top level."""
    body = [node for node in ast.parse(notebook.python(source)).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    return {
        part.id
        for node in body
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
