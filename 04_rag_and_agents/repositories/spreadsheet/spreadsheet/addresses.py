"""Cell addresses such as ``B12``: columns A to Z, rows counted from 1."""

import re

_ADDRESS = re.compile(r"[A-Z][1-9][0-9]*")


def normalize(address):
    """Return *address* in capitals, once it is known to be one."""
    capitals = address.upper()
    if _ADDRESS.fullmatch(capitals) is None:
        raise ValueError(f"not a cell address: {address!r}")
    return capitals


def expand(first, last):
    """Return every address of a rectangle, row by row."""
    corners = normalize(first), normalize(last)
    columns = sorted(ord(corner[0]) for corner in corners)
    rows = sorted(int(corner[1:]) for corner in corners)
    return [f"{chr(column)}{row}"
            for row in range(rows[0], rows[1] + 1)
            for column in range(columns[0], columns[1] + 1)]
