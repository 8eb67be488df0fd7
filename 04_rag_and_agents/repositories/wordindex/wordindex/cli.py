"""The command line."""

import argparse
import sys
from pathlib import Path

from .index import Index
from .query import QueryError, search


def build_index(folder):
    """Return an Index of the ``.txt`` files directly in ``folder``."""
    index = Index()
    for path in sorted(Path(folder).glob("*.txt")):
        index.add(path.name, path.read_text(encoding="utf-8"))
    return index


def main(arguments, out=sys.stdout):
    """Run the program; returns 0 if something was found, 1 if not, 2 on error."""
    parser = argparse.ArgumentParser(prog="wordindex", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("query")
    options = parser.parse_args(arguments)
    try:
        names = search(build_index(options.folder), options.query)
    except QueryError as error:
        print(f"wordindex: {error}", file=out)
        return 2
    for name in names:
        print(name, file=out)
    return 0 if names else 1
