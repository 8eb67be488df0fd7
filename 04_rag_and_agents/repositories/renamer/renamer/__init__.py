"""Plan the renaming of many files by wildcard."""

from .pattern import Pattern
from .planner import Collision, plan
from .template import Template

__all__ = ["Collision", "Pattern", "Template", "plan"]
