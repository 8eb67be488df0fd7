"""Edits of whole statements, of conditions and of patterns: another order, one left out, one further in or out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from repairer.source import Edit, Source

FULLER = {"match": ["fullmatch", "search"], "search": ["match", "fullmatch"], "fullmatch": ["match"]}


def edits_of_statements(source: Source, node: ast.AST, error: str) -> Iterator[Edit]:
    """All of them for one node."""
    for of in (order, nesting, truth, clauses, places, patterns):
        for text, kind, weight in of(source, node):
            yield Edit(text, kind, weight)


def block_around(source: Source, node: ast.AST) -> list[ast.stmt]:
    """The statements among which a statement stands."""
    parent = source.parents.get(node)
    for name in ("body", "orelse", "finalbody"):
        if node in (getattr(parent, name, None) or ()):
            return getattr(parent, name)
    return []


def order(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """A statement before the one above it, after the one below it, or not at all."""
    block = block_around(source, node) if isinstance(node, ast.stmt) else []
    at = block.index(node) if block else 0
    for other in block[at + 1 : at + 2] + block[max(0, at - 1) : at]:
        if not isinstance(other, ast.FunctionDef | ast.ClassDef) and not isinstance(
            node, ast.FunctionDef | ast.ClassDef
        ):
            swapped = source.put((source.span(node), source.of(other)), (source.span(other), source.of(node)))
            yield swapped, "order of statements", 0.6
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Delete | ast.If) and block:
        yield source.put((source.span(node), "pass")), "statement left out", 0.4
    if isinstance(node, ast.Break | ast.Continue):
        other = "continue" if isinstance(node, ast.Break) else "break"
        yield source.put((source.span(node), other)), "break, continue", 0.9
    if isinstance(node, ast.AugAssign):
        sign = {ast.Add: "-=", ast.Sub: "+="}.get(type(node.op))
        for new in [sign, "="] if sign else []:
            gap = (source.span(node.target)[1], source.span(node.value)[0])
            yield source.put((gap, f" {new} ")), "arithmetic", 0.7


def nesting(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """The last statement of a block one step further out; the one after a block as its last."""
    block = block_around(source, node) if isinstance(node, ast.stmt) else []
    if not block:
        return
    lines, parent = source.text.split("\n"), source.parents[node]
    first, last = node.lineno - 1, node.end_lineno
    if node is block[-1] and len(block) > 1 and isinstance(parent, ast.If | ast.For | ast.While | ast.With):
        gap = node.col_offset - parent.col_offset
        moved = [line[gap:] for line in lines[first:last]]
        yield "\n".join([*lines[:first], *moved, *lines[last:]]), "one step out", 0.6
    above = block[block.index(node) - 1] if block.index(node) else None
    if isinstance(above, ast.If | ast.For | ast.While | ast.With) and not getattr(above, "orelse", None):
        gap = above.body[0].col_offset - node.col_offset
        moved = [" " * gap + line for line in lines[first:last]]
        yield "\n".join([*lines[:first], *moved, *lines[last:]]), "one step in", 0.5


def truth(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """Whether something is there, instead of whether it is empty or 0; and the other way round."""
    for name in ("test", "operand"):
        value = getattr(node, name, None)
        if isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            negated = isinstance(node, ast.UnaryOp)
            span = source.span(node if negated else value)
            yield source.put((span, f"{source.of(value)} is {'' if negated else 'not '}None")), "is None", 0.9
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            if isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                yield source.put((source.span(value), f"{source.of(value)} is not None")), "is None", 0.7
        if isinstance(node.op, ast.Or) and len(node.values) == 2:  # x or y, where x may be 0
            one, two = map(source.of, node.values)
            yield source.put((source.span(node), f"({one} if {one} is not None else {two})")), "is None", 0.9
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
        new = ("not " if isinstance(node.ops[0], ast.Is) else "") + source.of(node.left)
        yield source.put((source.span(node), new)), "is None", 0.6


def clauses(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """A condition that is left out of several."""
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        for left_out in node.values:
            kept = [source.of(value) for value in node.values if value is not left_out]
            yield source.put((source.span(node), f"({word.join(kept)})")), "condition left out", 0.6


def places(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """The other end, one more at an end, only the first or all of them."""
    if isinstance(node, ast.Subscript):
        begin, end = source.span(node.slice)
        for old, new in (("0", "-1"), ("-1", "0"), ("1", "-1")):
            if source.of(node.slice) == old:
                yield source.put(((begin, end), new)), "the other end", 0.7
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        end = source.span(node)[1] - 1
        if node.func.attr in ("split", "rsplit") and len(node.args) == 1:
            yield source.put(((end, end), ", 1")), "only the first", 0.8
        if node.func.attr == "replace" and len(node.args) == 2:
            yield source.put(((end, end), ", 1")), "only the first", 0.7
        if len(node.args) in (2, 3) and node.func.attr in ("split", "rsplit", "replace"):
            last = node.args[-1]
            yield source.put(((source.span(node.args[-2])[1], source.span(last)[1]), "")), "all of them", 0.6
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
        last = node.args[min(1, len(node.args) - 1)]
        for more in (" + 1", " - 1"):
            yield source.put((source.span(last), source.of(last) + more)), "off by one", 0.8
        if len(node.args) == 1:
            yield source.put((source.span(last), f"1, {source.of(last)}")), "off by one", 0.6


def patterns(source: Source, node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """Regular expressions: another function, as little as possible or as much, the whole or a part."""
    if isinstance(node, ast.Attribute) and node.attr in FULLER:
        end = source.span(node)[1]
        for other in FULLER[node.attr]:
            yield source.put(((end - len(node.attr), end), other)), "whole or part", 0.9
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[*+\\^$]", node.value):
        text = source.of(node)
        for found in re.finditer(r"[*+]\??", text):
            new = found[0][0] if found[0].endswith("?") else found[0] + "?"
            yield (
                source.put((source.span(node), text[: found.start()] + new + text[found.end() :])),
                "greedy or not",
                0.7,
            )
            other = ("+" if found[0][0] == "*" else "*") + found[0][1:]
            yield (
                source.put((source.span(node), text[: found.start()] + other + text[found.end() :])),
                "none or one",
                0.7,
            )
