"""Apply a small change to a source: lines that begin with a blank stay, `-` goes, `+` comes.

No line numbers: what is to be changed is found by its own words, and has to stand there exactly once.
Then a change shown on a page cannot come to mean something else when the page is edited.
"""

from __future__ import annotations


def hunks(diff: str) -> list[list[tuple[str, str]]]:
    """The pieces of a change as (sign, line); a line that begins with `@@` begins a new piece.

    Raises ValueError for a line without a sign.
    >>> hunks("-x = 1\\n+x = 2\\n")
    [[('-', 'x = 1'), ('+', 'x = 2')]]
    """
    found: list[list[tuple[str, str]]] = [[]]
    for line in diff.strip("\n").splitlines():
        if line.startswith("@@"):
            found.append([])
        elif line[:1] not in ("", " ", "-", "+"):
            raise ValueError(f"a line of a diff begins with a blank, '-' or '+', got {line!r}")
        else:
            found[-1].append((line[:1] or " ", line[1:].rstrip()))
    return [piece for piece in found if piece]


def changed(source: str, diff: str) -> str:
    """`source` with the change `diff`.

    The words of the old lines decide, and their indentation relative to each other; a piece that stands
    further left or right in `source` as a whole is moved there.
    Raises ValueError if a piece is not found, is found twice, holds no old line or changes nothing.
    >>> changed("def f(x):\\n    return x\\n", "-return x\\n+return -x")
    'def f(x):\\n    return -x\\n'
    """
    lines = [line.rstrip() for line in source.splitlines()]
    pieces = hunks(diff)
    if not any(sign != " " for piece in pieces for sign, _ in piece):
        raise ValueError("this diff changes nothing: it has no line that begins with '-' or '+'")
    for piece in pieces:
        old = [text for sign, text in piece if sign != "+"]
        if not any(old):
            raise ValueError(f"a piece that only adds lines has no place: give a line before or after {piece[0][1]!r}")
        at, shift = place(lines, old)
        lines[at : at + len(old)] = [moved(text, shift) for sign, text in piece if sign != "-"]
    return "\n".join(lines) + "\n"


def place(lines: list[str], old: list[str]) -> tuple[int, int]:
    """Where `old` stands in `lines`, and how many blanks further right. As it is, or else moved as a whole."""
    windows = range(len(lines) - len(old) + 1)
    exact = [(at, 0) for at in windows if lines[at : at + len(old)] == old]
    found = exact or [
        (at, shift)
        for at in windows
        for shift in [indent(lines[at : at + len(old)]) - indent(old)]
        if [moved(text, -shift) for text in lines[at : at + len(old)]] == old
    ]
    if len(found) != 1:
        how = "is not there" if not found else f"is there {len(found)} times: give more lines around it"
        raise ValueError("what this diff changes " + how + ":\n" + "\n".join(old) + "\n\nin\n\n" + "\n".join(lines))
    return found[0]


def indent(lines: list[str]) -> int:
    """The smallest indentation of the lines that are not blank; 0 if all are.

    >>> indent(["    if x:", "", "        y"])
    4
    """
    return min((len(line) - len(line.lstrip()) for line in lines if line), default=0)


def moved(line: str, shift: int) -> str:
    """`line` moved by `shift` blanks to the right, or to the left as far as it goes.

    >>> moved("x", 4), moved("    x", -2), moved("", 4)
    ('    x', '  x', '')
    """
    if not line or shift >= 0:
        return " " * shift * bool(line) + line
    return line[min(-shift, len(line) - len(line.lstrip())) :]
