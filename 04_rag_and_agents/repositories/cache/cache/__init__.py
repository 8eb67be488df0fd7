"""A least-recently-used cache bounded by weight."""

from .decorator import memoize
from .stats import Stats
from .store import WeightedCache

__all__ = ["Stats", "WeightedCache", "memoize"]
