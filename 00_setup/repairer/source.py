"""A Python text in which nodes can be replaced, and a change of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A change of a text: the text afterwards, the kind of change, and how likely it is to help, 1 being usual."""

    text: str
    kind: str
    weight: float


class Source:
    """A Python text in which nodes can be replaced. Raises SyntaxError if it is none."""

    def __init__(self, text: str):
        self.text, self.data, self.tree = text, text.encode(), ast.parse(text)
        self.starts = [0]
        for line in self.data.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        begin, end = self.span(node)
        return self.data[begin:end].decode()

    def put(self, *changes: tuple[tuple[int, int], str]) -> str:
        """The text with spans replaced, which must not overlap."""
        data = self.data
        for (begin, end), new in sorted(changes, reverse=True):
            data = data[:begin] + new.encode() + data[end:]
        return data.decode()

    def around(self, node: ast.AST, kind: type | tuple) -> ast.AST | None:
        """The innermost node of a kind around a node."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, kind):
                return node
        return None
