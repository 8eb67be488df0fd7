"""Parsing of textual rate rules such as ``10/minute`` or ``3/30s``."""

import re
from dataclasses import dataclass

UNIT_SECONDS = {
    "s": 1,
    "second": 1,
    "m": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "day": 86400,
}

_RULE = re.compile(r"\s*(\d+)\s*/\s*(\d*)\s*([a-z]+)\s*")


class RuleError(ValueError):
    """A rule's text cannot be understood."""


@dataclass(frozen=True)
class Rule:
    """At most ``limit`` calls in any stretch of ``span`` seconds."""

    limit: int
    span: int


def parse_rule(text):
    """Return the Rule that ``text`` describes, or raise RuleError."""
    match = _RULE.fullmatch(text.lower())
    if match is None:
        raise RuleError(f"not a rate rule: {text!r}")
    limit, multiple, unit = match.groups()
    if unit not in UNIT_SECONDS:
        raise RuleError(f"unknown unit {unit!r} in {text!r}")
    rule = Rule(int(limit), int(multiple or 1) * UNIT_SECONDS[unit])
    if rule.limit == 0 or rule.span == 0:
        raise RuleError(f"limit and span must be positive: {text!r}")
    return rule
