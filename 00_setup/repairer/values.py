"""Edits that change what a value is: a copy, a default instead of None, bytes instead of text, another exception."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from repairer.source import Edit, Source

EMPTY = ("[]", "{}", "set()", "()", '""', "0")
FITTING = {"keys": "{}", "items": "{}", "values": "{}", "append": "[]", "add": "set()", "strip": '""', "split": '""'}


def edits_of_values(source: Source, node: ast.AST, error: str) -> Iterator[Edit]:
    """All of them for one node."""
    for of in (copies, defaults, instead_of_none, bytes_and_text, exceptions, returns, names_and_words):
        for text, kind, weight in of(source, node, error):
            yield Edit(text, kind, weight)


def copies(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """What is handed out or kept, as a copy."""
    held = node.value if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign) else None
    values = [held] if isinstance(held, ast.Name | ast.Attribute | ast.Subscript) else []
    if isinstance(node, ast.Call):
        values += [argument for argument in node.args if isinstance(argument, ast.Name | ast.Attribute)]
    for value in values:
        for name in ("list", "dict", "set"):
            yield source.put((source.span(value), f"{name}({source.of(value)})")), "copy", 0.75
        yield source.put((source.span(value), f"sorted({source.of(value)})")), "sorted", 0.4


def defaults(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """A default that is shared between calls is made anew for each of them."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    arguments = [*node.args.posonlyargs, *node.args.args][-len(node.args.defaults) or len(node.args.args) :]
    pairs = [
        *zip(arguments, node.args.defaults, strict=False),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
    at = source.span(first)[0]
    for argument, default in pairs:
        if isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call):
            name, fresh = argument.arg, source.of(default)
            line = f"{name} = {fresh} if {name} is None else {name}\n{' ' * first.col_offset}"
            yield source.put((source.span(default), "None"), ((at, at), line)), "shared default", 1.5


def instead_of_none(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """Something empty where None would be."""
    weight = 1.4 if "NoneType" in error else 0.5
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and len(node.args) == 1
    ):
        for empty in EMPTY:
            yield source.put((source.span(node.args[0]), f"{source.of(node.args[0])}, {empty}")), "default", weight
    if isinstance(node, ast.Name | ast.Attribute | ast.Call) and isinstance(source.parents.get(node), ast.Attribute):
        empty = FITTING.get(source.parents[node].attr)
        if empty:
            yield source.put((source.span(node), f"({source.of(node)} or {empty})")), "default", weight
    if isinstance(node, ast.For | ast.comprehension):
        yield source.put((source.span(node.iter), f"({source.of(node.iter)} or ())")), "default", weight
    if isinstance(node, ast.Return) and node.value is not None and "NoneType" in error:
        for empty in EMPTY:
            yield source.put((source.span(node.value), f"{source.of(node.value)} or {empty}")), "default", 0.9


def bytes_and_text(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """Text as bytes, bytes as text, and a number for its digits."""
    weight = 1.4 if re.search(r"\bbytes\b|\bstr\b", error) else 0.45
    if isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript) and not is_part(source, node):
        for more in (".encode()", ".decode()"):
            yield source.put((source.span(node), source.of(node) + more)), "bytes and text", weight
        for name in ("str", "int"):
            yield source.put((source.span(node), f"{name}({source.of(node)})")), "text and number", weight * 0.8


def is_part(source: Source, node: ast.AST) -> bool:
    """Whether a node is only the beginning of a longer one, or is assigned to."""
    parent = source.parents.get(node)
    called = isinstance(parent, ast.Call) and parent.func is node
    return called or isinstance(parent, ast.Attribute) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def exceptions(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """Another exception: the one that was raised, and those that are spoken of nearby."""
    raised = error.partition(":")[0].rpartition(".")[2].strip()
    kinds = [raised] if re.fullmatch(r"[A-Z]\w+", raised) and raised != "AssertionError" else []
    kinds += [
        n.id
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Name) and re.fullmatch(r"[A-Z]\w*Error|\w*Exception", n.id)
    ]
    kinds += ["KeyError", "ValueError", "IndexError", "TypeError", "AttributeError", "LookupError"]
    held = node.type if isinstance(node, ast.ExceptHandler) else None
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        held = node.exc.func
    for kind in dict.fromkeys(kinds) if held is not None else ():
        if kind != source.of(held):
            yield source.put((source.span(held), kind)), "exception", 1.5 if kind == raised else 0.7
    if isinstance(node, ast.Try):
        for handler in node.handlers:
            yield from exceptions(source, handler, error)


def returns(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """A value that is worked out and not returned."""
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        begin = source.span(node)[0]
        yield source.put(((begin, begin), "return ")), "missing return", 1.3 if "None" in error else 0.7
    function = source.around(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if isinstance(node, ast.Assign) and function is not None and node is function.body[-1]:
        end, name = source.span(node)[1], source.of(node.targets[0])
        line = f"\n{' ' * node.col_offset}return {name}"
        yield source.put(((end, end), line)), "missing return", 1.3 if "None" in error else 0.5


def names_and_words(source: Source, node: ast.AST, error: str) -> Iterator[tuple[str, str, float]]:
    """A name that is suggested, imported or built in; another word of this text; the other direction of a sort."""
    if isinstance(node, ast.Name):
        missing = re.findall(r"name '(\w+)' is not defined", error)
        for suggested in re.findall(r"Did you mean: '(\w+)'", error) if node.id in missing else ():
            yield source.put((source.span(node), suggested)), "as suggested", 3.0
        if node.id in missing:
            begin = source.span(
                source.tree.body[1 if ast.get_docstring(source.tree) and len(source.tree.body) > 1 else 0]
            )[0]
            yield source.put(((begin, begin), f"import {node.id}\n")), "missing import", 3.0
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = [n for n in ast.walk(source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        for other in dict.fromkeys(source.of(n) for n in words if len(n.value) <= 20 and "\n" not in n.value):
            if other != source.of(node) and len(node.value) <= 20:
                yield source.put((source.span(node), other)), "another word", 0.4
    if isinstance(node, ast.Call) and source.of(node.func).rpartition(".")[2] in ("sorted", "sort", "min", "max"):
        backwards = [word for word in node.keywords if word.arg == "reverse"]
        end = source.span(node)[1] - 1
        if not backwards and source.of(node.func).rpartition(".")[2] in ("sorted", "sort"):
            comma = ", " if node.args or node.keywords else ""
            yield source.put(((end, end), f"{comma}reverse=True")), "order", 0.8
        for word in backwards:
            yield source.put((source.span(word.value), str(source.of(word.value) != "True"))), "order", 0.9
