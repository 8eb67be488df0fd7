"""Nest headings by level."""

from .headings import find_headings


def build(text, max_level=6):
    """Return the top headings of *text* with all others nested below."""
    roots = []
    stack = []
    for heading in find_headings(text):
        if heading.level > max_level:
            continue
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        siblings = stack[-1].children if stack else roots
        siblings.append(heading)
        stack.append(heading)
    return roots


def walk(headings, depth=0):
    """Yield ``(depth, heading)`` for all headings, parents first."""
    for heading in headings:
        yield depth, heading
        yield from walk(heading.children, depth + 1)


def find(headings, anchor):
    """Return the heading with the given anchor, or None."""
    for _, heading in walk(headings):
        if heading.anchor == anchor:
            return heading
    return None
