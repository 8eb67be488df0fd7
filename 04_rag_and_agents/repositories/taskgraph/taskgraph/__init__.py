"""Task lists and the order to run them in."""

from .errors import Cycle, SyntaxProblem, TaskError, UnknownTask
from .graph import TaskGraph
from .planner import check, plan, stages
from .reader import load

__all__ = [
    "Cycle",
    "SyntaxProblem",
    "TaskError",
    "TaskGraph",
    "UnknownTask",
    "check",
    "load",
    "plan",
    "stages",
]
