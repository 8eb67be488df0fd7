"""Merge two versions of a notebook cell by cell, so that an update keeps the learner's answers.

Git merges lines; a notebook is a list of cells with ids. Three versions are enough to know who changed what:
the one both started from (base), the learner's (yours) and the new one (theirs). The rules:

- A cell that only one side changed is that side's. One that both changed stays yours, and the new text of the
  course is put into a marked cell below it.
- A cell that you added stays, after the cell it followed. One that the course removed goes, unless you changed it.
- Outputs belong to the source that made them: the course's where the source is the course's, otherwise none.

Usable alone and as a git merge driver: `python merge.py BASE YOURS THEIRS` rewrites the file YOURS.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from pathlib import Path

MARK = "**The course has changed the cell above, and so have you. Yours is untouched; the course now says:**"
CHECKED = re.compile(r"^(\w+) = check\(\1\)", re.MULTILINE)  # how every exercise cell ends


def source(cell: dict) -> str:
    """The text of a cell, which the file stores as a string or as a list of lines.

    >>> source({"source": ["a = 1\\n", "a"]})
    'a = 1\\na'
    """
    return "".join(cell["source"])


def content(cell: dict | None) -> tuple[str, str] | None:
    """What decides whether a cell was changed: its kind and its text without trailing blanks."""
    if cell is None:
        return None
    return cell["cell_type"], "\n".join(line.rstrip() for line in source(cell).rstrip().split("\n"))


def by_id(notebook: dict, known: dict[str, dict] | None = None) -> dict[str, dict]:
    """The cells of a notebook by id, in order. Cells that lost their id are recognised by their text.

    `known` are the cells of the base: some editors drop the ids or move them into the metadata.
    """
    known = known or {}
    stored = [cell.get("id") or cell.get("metadata", {}).get("id") for cell in notebook.get("cells", [])]
    found: dict[str, dict] = {}
    for cell, name in zip(notebook.get("cells", []), stored, strict=True):
        if not name or name in found:
            checked = CHECKED.search(source(cell))
            same = (key for key, old in known.items() if content(old) == content(cell))
            guesses = [*same, *([f"exercise-{checked[1]}"] if checked else [])]
            taken = {*found, *stored}
            name = next((g for g in guesses if g not in taken), None) or fresh("yours", {*taken, *known})
        found[name] = cell
    return found


def fresh(name: str, taken) -> str:
    """An id that starts with `name`, is not among `taken` and fits the 64 characters of the format.

    >>> fresh("yours", {"yours"})
    'yours-2'
    """
    candidate, number = name[:60], 1
    while candidate in taken:
        number += 1
        candidate = f"{name[:56]}-{number}"
    return candidate


def weave(first: list[str], second: list[str]) -> list[str]:
    """The items of `first` in their order; those only in `second` follow the neighbour that they followed there.

    >>> weave(["a", "b", "c"], ["a", "mine", "b", "also mine"])
    ['a', 'mine', 'b', 'also mine', 'c']
    """
    order, before = list(first), None
    for name in second:
        if name not in first:
            order.insert(order.index(before) + 1 if before is not None else 0, name)
        before = name
    return order


def beside(cell: dict) -> str:
    """The text of the cell that shows what the course says now, next to a cell that the learner changed too."""
    text = source(cell)
    if cell["cell_type"] != "markdown":
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", text))])
        text = f"{fence}python\n{text}\n{fence}"
    return f"{MARK}\n\n{text}"


def merge(base: dict, yours: dict, theirs: dict) -> dict:
    """The notebook `theirs` with everything in it that the learner wrote in `yours`, both made from `base`.

    Notebooks are dictionaries as read from their JSON (format 4).
    >>> cell = lambda text: {"cells": [{"id": "c", "cell_type": "raw", "metadata": {}, "source": text}]}
    >>> [source(c) for c in merge(cell("old"), cell("mine"), cell("old"))["cells"]]
    ['mine']
    """
    b = by_id(base)
    y, t = by_id(yours, known=b), by_id(theirs)
    old, mine, new = ({name: content(cell) for name, cell in cells.items()} for cells in (b, y, t))

    chosen: dict[str, dict] = {}  # the cell that is kept under each id
    both: list[str] = []  # changed on both sides, differently
    for name in {**y, **t}:
        yours_changed, theirs_changed = mine.get(name) != old.get(name), new.get(name) != old.get(name)
        if name not in y:  # the learner removed it, or the course added it
            if theirs_changed:
                chosen[name] = t[name]
        elif name not in t:  # the course removed it, or the learner added it
            if yours_changed:
                chosen[name] = y[name]
        elif yours_changed and mine[name] != new[name]:
            chosen[name] = y[name]
            if theirs_changed:
                both.append(name)
        else:
            chosen[name] = t[name]

    kept = [[name for name in cells if name in chosen] for cells in (y, t)]
    order = weave(*kept) if list(b) == list(t) else weave(*reversed(kept))
    for name in both:
        note, text = f"upstream-{name}"[:60], beside(t[name])
        earlier = y.get(note)
        if earlier is not None and source(earlier) == text:
            continue
        if earlier is not None and (name not in b or source(earlier) != beside(b[name])):
            note = fresh(note, {*chosen, *y, *t})  # the learner has written into the earlier one
        if note not in order:
            order.insert(order.index(name) + 1, note)
        chosen[note] = {"cell_type": "markdown", "metadata": {}, "source": text}

    merged = {key: copy.deepcopy(value) for key, value in theirs.items() if key != "cells"}
    merged["cells"] = [finished(name, chosen[name], t.get(name)) for name in order]
    return merged


def finished(name: str, cell: dict, published: dict | None) -> dict:
    """A cell as it is written: with its id, the course's metadata, and outputs only if its source made them."""
    cell = copy.deepcopy(cell) | {"id": name}
    same_kind = published is not None and published["cell_type"] == cell["cell_type"]
    if same_kind:
        cell["metadata"] = copy.deepcopy(published["metadata"])
    cell["source"] = source(cell).splitlines(keepends=True)
    if cell["cell_type"] == "code":
        same = same_kind and content(cell) == content(published)
        cell["outputs"] = copy.deepcopy(published["outputs"]) if same else []
        cell["execution_count"] = published["execution_count"] if same else None
    return cell


def read(text: str) -> dict:
    """A notebook from the text of its file; an empty text is a notebook without cells.

    Raises ValueError if the text is not a notebook of format 4.
    """
    if not text.strip():
        return {"cells": []}
    notebook = json.loads(text)
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all({"cell_type", "source"} <= set(cell) for cell in cells):
        raise ValueError("this file is not a notebook of format 4: it holds no list of cells with kind and source")
    return notebook


def write(notebook: dict) -> str:
    """The canonical text of a notebook: sorted keys, one space, a newline at the end."""
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False, separators=(",", ": ")) + "\n"


def merge_texts(base: str, yours: str, theirs: str) -> str:
    """`merge` on the texts of three files."""
    if yours == base or yours == theirs:
        return theirs
    return yours if theirs == base else write(merge(read(base), read(yours), read(theirs)))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    paths = [Path(name) for name in sys.argv[1:4]]
    merged_text = merge_texts(*(path.read_text("utf-8") for path in paths))
    paths[1].write_text(merged_text, encoding="utf-8", newline="\n")
