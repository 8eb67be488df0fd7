"""Reading task lists from text."""

from .errors import SyntaxProblem
from .graph import TaskGraph


def load(text):
    """Return the TaskGraph written in ``text``, one task a line."""
    graph = TaskGraph()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        name, colon, needs = line.partition(":")
        if not colon or len(name.split()) != 1:
            raise SyntaxProblem(f"line {number}: {line!r}")
        graph.define(name.strip(), needs.split())
    return graph
