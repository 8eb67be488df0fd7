"""Read unified diffs as written by ``diff -u`` and ``git diff``."""

import re

from .stats import DiffStat, FileStat

_BINARY = re.compile(r"^Binary files (?P<old>.+) and (?P<new>.+) differ$")
DEV_NULL = "/dev/null"


def _clean(name):
    """Drop a trailing time stamp and the ``a/`` or ``b/`` prefix."""
    name = name.split("\t", 1)[0].strip()
    if name.startswith(("a/", "b/")):
        name = name[2:]
    return name


def _pick(old, new):
    """Return the name to report for a file: the new one unless deleted."""
    return old if new == DEV_NULL else new


def parse_diff(text):
    """Parse *text* and return a DiffStat."""
    result = DiffStat()
    current = None
    old_name = None
    for line in text.splitlines():
        if line.startswith("diff "):
            current = None
        elif line.startswith("--- "):
            old_name = _clean(line[4:])
            current = None
        elif line.startswith("+++ "):
            current = FileStat(_pick(old_name, _clean(line[4:])))
            result.files.append(current)
        elif match := _BINARY.match(line):
            path = _pick(_clean(match["old"]), _clean(match["new"]))
            result.files.append(FileStat(path, binary=True))
        else:
            if line.startswith("+"):
                current.added += 1
            elif line.startswith("-"):
                current.removed += 1
    return result
