"""Sliding-window rate limiting with an injected clock."""

from .limiter import Decision, Limiter
from .rules import Rule, RuleError, parse_rule

__all__ = ["Decision", "Limiter", "Rule", "RuleError", "parse_rule"]
