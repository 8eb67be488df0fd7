"""Edits that might mend a line of Python, whatever program it stands in: what a repairer tries.

Each is a small change of the kind that bugs are made of: a boundary, an order of arguments, a missing copy.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from repairer.source import Edit, Source
from repairer.statements import edits_of_statements
from repairer.values import edits_of_values

COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"}
OTHER_SIGNS = {"+": ["-"], "-": ["+"], "*": ["/", "//"], "/": ["//", "*"], "//": ["/"], "%": ["//"], "**": ["*"]}
ALIKE = (  # methods and functions that are taken for each other
    "append extend insert appendleft, min max, any all, lower upper, startswith endswith, lstrip rstrip strip, "
    "keys values items, pop get setdefault popleft, add update, discard remove, find rfind index, split rsplit, "
    "partition rpartition, floor ceil round, union intersection difference, isdigit isdecimal isalnum, first last"
)
OTHERS = {
    name: [other for other in group.split() if other != name] for group in ALIKE.split(",") for name in group.split()
}


def names_around(source: Source, node: ast.AST) -> list[str]:
    """Variables that can be meant at a node: arguments and what its function assigns."""
    function = source.around(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if function is None:
        return []
    found = [argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)]
    found += [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys(name for name in found if name not in ("self", "cls")))


def edits(text: str, line: int, error: str = "") -> Iterator[Edit]:
    """Edits of a text at a line that leave it Python; `error` is the last line of a traceback, "" if there is none.

    >>> [edit.text for edit in edits("x = a < b", 1) if edit.kind == "boundary"]
    ['x = a <= b']
    """
    source, seen = Source(text), {text}
    for node in ast.walk(source.tree):
        if getattr(node, "lineno", None) != line:
            continue
        kinds = (of_node, edits_of_values, edits_of_statements)
        for edit in (edit for of in kinds for edit in of(source, node, error)):
            try:
                ast.parse(edit.text)
            except SyntaxError:
                continue
            if edit.text not in seen:
                seen.add(edit.text)
                yield edit


def of_node(source: Source, node: ast.AST, error: str) -> Iterator[Edit]:
    """Edits that keep the types: another comparison, sign, number, order, name."""
    if isinstance(node, ast.Compare):
        left, right = node.left, node.comparators[0]
        gap = (source.span(left)[1], source.span(right)[0])
        sign = source.data[gap[0] : gap[1]].decode()
        for other in [COMPARED[sign.strip()]] if sign.strip() in COMPARED else []:
            kind, weight = ("boundary", 1.2) if sign.strip()[0] in "<>" else ("negated comparison", 0.8)
            yield Edit(source.put((gap, sign.replace(sign.strip(), other))), kind, weight)
        if sign.strip() in ("<", ">", "<=", ">="):
            turned = sign.translate(str.maketrans("<>", "><"))
            yield Edit(source.put((gap, turned)), "turned comparison", 0.7)
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        gap = (source.span(node.left)[1], source.span(node.right)[0])
        for other in OTHER_SIGNS[SIGNS[type(node.op)]]:
            new = source.data[gap[0] : gap[1]].decode().replace(SIGNS[type(node.op)], other)
            yield Edit(source.put((gap, new)), "arithmetic", 0.8)
        whole = source.of(node)
        for more in (" + 1", " - 1"):
            yield Edit(source.put((source.span(node), f"({whole}{more})")), "off by one", 0.35)
    if isinstance(node, ast.BoolOp):
        yield from of_condition(source, node)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        test = source.of(node.test)
        yield Edit(source.put((source.span(node.test), f"not ({test})")), "negated condition", 0.7)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield Edit(source.put((source.span(node), source.of(node.operand))), "negated condition", 0.8)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        for other in (node.value + 1, node.value - 1):
            yield Edit(source.put((source.span(node), str(other))), "off by one", 0.8)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield Edit(source.put((source.span(node), str(not node.value))), "flag", 0.7)
    if isinstance(node, ast.Call) and len(node.args) > 1:
        for one, two in zip(node.args, node.args[1:], strict=False):
            swapped = source.put((source.span(one), source.of(two)), (source.span(two), source.of(one)))
            yield Edit(swapped, "swapped arguments", 1.0)
    if isinstance(node, ast.Slice):
        for end in (node.lower, node.upper):
            for more in (" + 1", " - 1") if end is not None else ():
                yield Edit(source.put((source.span(end), source.of(end) + more)), "off by one", 0.6)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in names_around(source, node):
            if other != node.id:
                yield Edit(source.put((source.span(node), other)), "another variable", 0.6)
    if isinstance(node, ast.Attribute):
        yield from of_attribute(source, node, error)


def of_condition(source: Source, node: ast.BoolOp) -> Iterator[Edit]:
    """Edits of `and` and `or`: the other word, another grouping, one condition left out."""
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for one, two in zip(node.values, node.values[1:], strict=False):
        gap = (source.span(one)[1], source.span(two)[0])
        yield Edit(
            source.put((gap, re.sub(rf"\b{word}\b", other, source.data[gap[0] : gap[1]].decode()))), "and, or", 0.9
        )
        if isinstance(one, ast.BoolOp):  # (a and b) or c: a and (b or c)
            *first, last = [source.of(value) for value in one.values]
            inner = f" {other} ".join([*first, f"({last} {word} {source.of(two)})"])
            yield Edit(source.put(((source.span(one)[0], source.span(two)[1]), inner)), "grouping", 1.1)
        if isinstance(two, ast.BoolOp):
            first, *more = [source.of(value) for value in two.values]
            inner = f" {other} ".join([f"({source.of(one)} {word} {first})", *more])
            yield Edit(source.put(((source.span(one)[0], source.span(two)[1]), inner)), "grouping", 1.1)


def of_attribute(source: Source, node: ast.Attribute, error: str) -> Iterator[Edit]:
    """Another attribute: what the error suggests, its usual counterpart, others that are used of the same thing."""
    end = source.span(node)[1]
    place, base = (end - len(node.attr.encode()), end), source.of(node.value)
    for suggested in re.findall(r"Did you mean: '\.?(\w+)'", error):
        yield Edit(source.put((place, suggested)), "as suggested", 3.0)
    for other in OTHERS.get(node.attr, ()):
        yield Edit(source.put((place, other)), "another method", 0.8)
    nearby = [n for n in ast.walk(source.tree) if isinstance(n, ast.Attribute) and source.of(n.value) == base]
    for other in dict.fromkeys(n.attr for n in nearby):
        if other != node.attr and other not in OTHERS.get(node.attr, ()):
            yield Edit(source.put((place, other)), "another attribute", 0.5)
