"""The rules a field may carry.

A rule takes the value and the rule's argument from the schema; it returns a
message, or None when the value is fine.
"""

import re

_TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def check_type(value, wanted):
    fits = isinstance(value, _TYPES[wanted])
    if isinstance(value, bool) and wanted != "boolean":
        fits = False
    return None if fits else f"must be of type {wanted}"


def check_min(value, limit):
    return f"must be at least {limit}" if value < limit else None


def check_max(value, limit):
    return f"must be at most {limit}" if value > limit else None


def check_min_length(value, limit):
    if len(value) < limit:
        return f"must have at least {limit} character(s)"
    return None


def check_choices(value, choices):
    if value not in choices:
        return "must be one of " + ", ".join(map(str, choices))
    return None


def check_pattern(value, pattern):
    if re.fullmatch(pattern, value) is None:
        return f"must match {pattern}"
    return None


RULES = {
    "type": check_type,
    "min": check_min,
    "max": check_max,
    "min_length": check_min_length,
    "choices": check_choices,
    "pattern": check_pattern,
}
