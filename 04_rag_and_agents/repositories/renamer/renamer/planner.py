"""Turn a list of names into an ordered list of renamings."""

from .pattern import Pattern
from .template import Template


class Collision(ValueError):
    """Two names would become one."""


def plan(names, pattern, template):
    """Return (old, new) pairs, in an order in which they can be carried out.

    Names that do not match *pattern* stay as they are; a swap is resolved by
    way of a temporary name.
    """
    pattern, template = Pattern(pattern), Template(template)
    if template.highest > pattern.wildcards:
        raise ValueError(f"template refers to #{template.highest}, "
                         f"pattern has {pattern.wildcards} wildcard(s)")
    moves = {}
    for name in names:
        captures = pattern.match(name)
        if captures is not None:
            new = template.expand(captures)
            if new != name:
                moves[name] = new
    _refuse_collisions(names, moves)
    return _order(moves, set(names))


def _refuse_collisions(names, moves):
    owners = {}
    for name in names:
        new = moves.get(name, name)
        if new in owners:
            raise Collision(f"{owners[new]!r} and {name!r} would both be {new!r}")
        owners[new] = name


def _order(moves, taken):
    steps = []
    pending = dict(moves)
    while pending:
        free = [old for old, new in pending.items() if new not in pending]
        if not free:
            old = next(iter(pending))
            parked = _unused(old, taken | set(moves.values()))
            steps.append((old, parked))
            taken.add(parked)
            pending[parked] = pending.pop(old)
            continue
        for old in free:
            steps.append((old, pending.pop(old)))
    return steps


def _unused(name, taken):
    candidate = name + "~"
    while candidate in taken:
        candidate += "~"
    return candidate
