"""Bugs to plant: the operators of `sensitivity.py`, fixed, and all places where each of them applies.

sign · comparison · off by one · axis · constant · swapped arguments · dropped call · wrong default.
Text of error messages, annotations, decorators and docstrings are left alone: no test reads them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

SIGN = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARISON = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
AXIS = {"axis", "dim", "keepdims", "keepdim"}
ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Tuple, ast.Dict)


@dataclass(frozen=True)
class Bug:
    """One seeded bug: which operator, in which cell, at which line, what stood there and what stands there now."""

    operator: str
    cell: str
    line: int
    column: int
    old: str
    new: str
    source: str  # of the whole cell (or solution), with the bug in it

    @property
    def key(self) -> str:
        """How the bug is named in results and in equivalent.toml."""
        return f"{self.cell}:{self.line}:{self.column} {self.operator}: {self.old} → {self.new}"


def splice(source: str, node: ast.AST, new: str) -> str:
    """`source` with the text of `node` replaced. Columns of `ast` count bytes."""
    lines = source.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    whole = source.encode()
    return (whole[:start] + new.encode() + whole[end:]).decode()


def text(node: ast.expr) -> str:
    """An expression that keeps its meaning wherever it is put."""
    return ast.unparse(node) if isinstance(node, ATOMS) else f"({ast.unparse(node)})"


def other_constant(value) -> str | None:
    """The wrong value for a constant: one more, twice as much, the opposite."""
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int):
        return repr(value + 1)
    if isinstance(value, float):
        return repr(value * 2 or 1.0)
    return None


def with_field(node: ast.AST, field: str, value) -> str:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return ast.unparse(changed)


def operations(node: ast.AST) -> Iterator[tuple[str, ast.AST, str]]:
    """sign and comparison: operator, node to replace, its new text."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SIGN:
            new = with_field(node, "op", SIGN[type(op)]())
            yield "sign", node, f"({new})" if isinstance(op, ast.Pow) and isinstance(node, ast.BinOp) else new
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign", node, text(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "comparison", node, text(operand)
        case ast.Compare(ops=[op, *rest]) if type(op) in COMPARISON:
            yield "comparison", node, with_field(node, "ops", [COMPARISON[type(op)](), *rest])
        case ast.BoolOp(op=op):
            yield "comparison", node, f"({with_field(node, 'op', COMPARISON[type(op)]())})"


def bounds(node: ast.AST) -> list[ast.expr]:
    """Expressions that count: of `range`, of a slice, of an index."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=args):
            return list(args)
        case ast.Slice(lower=lower, upper=upper):
            return [bound for bound in (lower, upper) if bound is not None]
        case ast.Subscript(slice=ast.Constant(value=int()) as index):
            return [index]
    return []


def calls(node: ast.Call) -> Iterator[tuple[str, ast.AST, str]]:
    """axis, swapped arguments, dropped call."""
    for keyword in node.keywords:
        if keyword.arg in AXIS and isinstance(keyword.value, ast.Constant | ast.UnaryOp):
            value = ast.literal_eval(keyword.value)
            wrong = (not value) if isinstance(value, bool) else {0: 1, 1: 0, -1: 0}.get(value, 0)
            yield "axis", keyword.value, repr(wrong)
    plain = not any(isinstance(argument, ast.Starred) for argument in node.args)
    if plain and len(node.args) >= 2 and ast.dump(node.args[0]) != ast.dump(node.args[1]):
        first, second, *rest = node.args
        yield "swapped arguments", node, with_field(node, "args", [second, first, *rest])
    if plain and node.args:
        yield "dropped call", node, text(node.args[0])
    elif not node.args and isinstance(node.func, ast.Attribute):
        yield "dropped call", node, text(node.func.value)


def defaults(node: ast.FunctionDef) -> Iterator[tuple[str, ast.AST, str]]:
    """wrong default."""
    for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
        if isinstance(default, ast.Constant):
            wrong = "0" if default.value is None else other_constant(default.value)
            if wrong is not None:
                yield "wrong default", default, wrong


def places(definition: ast.stmt) -> Iterator[tuple[str, ast.AST, str]]:
    """Every bug that can be planted in `definition`: operator, node to replace, its new text."""
    claimed: set[int] = set()  # a constant that is a bound, an axis or a default is changed once
    waiting: list[ast.AST] = [definition]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Raise | ast.arg | ast.JoinedStr):
            continue
        found = list(operations(node))
        found += [("off by one", bound, f"{text(bound)} + 1") for bound in bounds(node)]
        if isinstance(node, ast.Call):
            found += calls(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += defaults(node)
        if isinstance(node, ast.Constant) and id(node) not in claimed:
            wrong = other_constant(node.value)
            found += [("constant", node, wrong)] if wrong is not None else []
        claimed |= {id(inner) for kind, where, _ in found for inner in [where] if isinstance(inner, ast.Constant)}
        yield from found
        skipped = {id(n) for n in [*getattr(node, "decorator_list", []), getattr(node, "returns", None)]}
        if isinstance(node, ast.AnnAssign):
            skipped.add(id(node.annotation))
        waiting = [child for child in ast.iter_child_nodes(node) if id(child) not in skipped] + waiting


def bugs(source: str, cell: str, definitions: list[ast.stmt]) -> list[Bug]:
    """All bugs for the definitions of one cell, each leaving code that still parses and differs.

    >>> code = "def last(x, n=1):\\n    return x[-n]"
    >>> [bug.key for bug in bugs(code, "c", ast.parse(code).body)]
    ['c:1:14 wrong default: 1 → 2', 'c:2:13 sign: -n → n']
    """
    found = {}
    for definition in definitions:
        for operator, node, new in places(definition):
            old = ast.get_source_segment(source, node) or ""
            wrong = splice(source, node, new)
            try:
                parsed = ast.parse(wrong)
            except SyntaxError:
                continue  # the text around it does not allow this bug
            if ast.dump(parsed) != ast.dump(ast.parse(source)):
                short = " ".join(old.split()), " ".join(new.split())
                found.setdefault(wrong, Bug(operator, cell, node.lineno, node.col_offset, *short, wrong))
    return list(found.values())
