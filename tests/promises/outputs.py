"""Promises about what is stored: canonical, run from top to bottom, and nothing that varies or is private."""

from __future__ import annotations

import itertools
import json
import re
import socket
from pathlib import Path

import nbformat
from refresh import LIVE_VIEW, canonical

from promises import promise, tree

REFRESH = "python tests/refresh.py"
TAGS = {"exercise", "core", "nbval-ignore-output", "predicted", "raises-exception"}
VARIES = {
    "an absolute path": r"(?<![\w.~/-])/(?:home|Users|root|tmp|usr|opt|private|var/folders)/\w"
    r"|\b[A-Z]:\\\w|ipykernel_\d",
    "a key": r"sk-[A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{16,}|\bgh[pousr]_[A-Za-z0-9]{16,}|\bAKIA[A-Z0-9]{12,}"
    r"|Bearer [A-Za-z0-9._-]{16,}",
    "a time of day": r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d",
    "the address of an object": r"\bat 0x[0-9a-fA-F]{4,}|\b0x[0-9a-f]{8,}",
    "a traceback": r"Traceback \(most recent call last\)",
    "a warning": r"\b\w*Warning\b:",
}
NUMBER = re.compile(r"(?<![\w.])\d+\.(\d+)(?:[eE][-+]?\d+)?(?![\w.])")
OWN = ("doctor", "board", "journal", "review_session", "baseline")  # what they show is the learner's


def shown(output: dict) -> str:
    """All text of an output, markup of HTML aside."""
    parts = [output.get("text", ""), output.get("evalue", "")]
    parts += output.get("traceback", []) if isinstance(output.get("traceback"), list) else []
    for mime, value in output.get("data", {}).items():
        if mime.startswith("image/") and mime != "image/svg+xml":
            continue
        value = "".join(value) if isinstance(value, list) else value
        parts.append(json.dumps(value) if not isinstance(value, str) else value)
    return "\n".join("".join(part) for part in parts)


@promise
def is_canonical(notebook):
    """The bytes are those that `tests/refresh.py` writes."""
    raw = nbformat.reads(notebook.text, as_version=4)
    if canonical(raw) == notebook.text:
        return
    if "widgets" in raw.metadata:
        yield f"holds widget state (random ids, breaks GitHub's page). Run {REFRESH} {notebook.path.name}"
    for cell in raw.cells:
        if any(LIVE_VIEW in output.get("data", {}) for output in cell.get("outputs", [])):
            yield f"cell {cell.id!r} stores a live view of a widget. Run {REFRESH} {notebook.path.name}"
    fresh, stored = canonical(raw).splitlines(), notebook.text.splitlines()
    pairs = itertools.zip_longest(stored, fresh)
    line = next((number for number, (old, new) in enumerate(pairs, start=1) if old != new), len(stored))
    yield f"is not in canonical form from line {line} on. Run {REFRESH} {notebook.path.name}"


@promise
def was_run_once_from_top_to_bottom(notebook):
    """Counts are 1…N: nbval passes a cell without a count and compares nothing."""
    for expected, cell in enumerate(notebook.code, start=1):
        if cell.count != expected:
            yield f"cell {cell.id!r} has count {cell.count}, expected {expected}. Run {REFRESH} {notebook.path.name}"
            return


@promise
def errors_are_meant(notebook):
    """An error is stored only where the lesson is that error."""
    for cell in notebook.code:
        kinds = [output["output_type"] for output in cell.outputs]
        if "error" in kinds and "raises-exception" not in cell.tags:
            yield f"cell {cell.id!r} ends in an error. Mend it, or tag it raises-exception if that is the lesson"
        if "raises-exception" in cell.tags and "error" not in kinds:
            yield f"cell {cell.id!r} is tagged raises-exception and raises nothing. Take the tag off"


@promise
def outputs_are_the_same_everywhere(notebook):
    """No paths, hosts, keys, times, addresses, tracebacks or warnings in what is stored."""
    host = socket.gethostname()
    places = {str(Path.home()), str(notebook.root)} - {"/", "/root"} | ({host} if len(host) > 7 else set())
    for cell in notebook.code:
        text = "\n".join(shown(output) for output in cell.outputs)
        for what, pattern in VARIES.items():
            if hit := re.search(pattern, text):
                yield f"cell {cell.id!r} shows {what} ({hit[0]!r}). It differs elsewhere: show something else"
        for place in sorted(places):
            if place in text and not re.search(VARIES["an absolute path"], text):
                yield f"cell {cell.id!r} shows {place!r}, which is this machine. Show a relative path"


@promise
def floats_have_three_decimals(notebook):
    """At most three significant decimals, so that another machine prints the same."""
    for cell in notebook.code:
        if "nbval-ignore-output" in cell.tags:
            continue
        for output in cell.outputs:
            text = re.sub(r"<style.*?</style>|<[^>]*>", " ", shown(output), flags=re.DOTALL)
            long = next(
                (m for m in NUMBER.finditer(text) if len(m[1].lstrip("0") if m[0][0] == "0" else m[1]) > 3), None
            )
            if long:
                yield f"cell {cell.id!r} shows {long[0]}: round to three decimals, or compare and show the answer"
                break


@promise
def pictures_have_words(notebook):
    """Every picture carries an alternative text, for screen readers and where pictures do not load."""
    for cell in notebook.code:
        for output in cell.outputs:
            found = {mime for mime in output.get("data", {}) if mime.startswith("image/")}
            said = output.get("metadata", {})
            if any(not (said.get(mime, {}).get("alt") or said.get("alt")) for mime in found):
                yield f"cell {cell.id!r} draws a picture without alt text. Draw it with a function of show.py"
                break


@promise
def outputs_are_compared(notebook):
    """Tags are known, nothing is switched off by a comment, and few outputs are ignored, each with an assert."""
    ignored = []
    for cell in notebook.code:
        for tag in sorted(cell.tags - TAGS):
            yield f"cell {cell.id!r} has the tag {tag!r}, which nobody reads. Known: {', '.join(sorted(TAGS))}"
        if re.search(r"^\s*#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source, re.MULTILINE):
            yield f"cell {cell.id!r} steers nbval by a comment. Use a tag"
        if "nbval-ignore-output" in cell.tags and "exercise" not in cell.tags:
            ignored.append(cell)
            if "assert" not in cell.source and not any(f"{own}(" in cell.source for own in OWN):
                yield f"cell {cell.id!r} is compared with nothing. Add an assert that can fail"
    most = max(2, int(0.08 * len(notebook.code)))
    if len(ignored) > most:
        ids = ", ".join(cell.id for cell in ignored)
        yield f"{len(ignored)} cells are ignored by nbval ({ids}), at most {most} may be. Show what is stable instead"


@promise
def lines_end_without_semicolons(notebook):
    """nbval shows the value anyway: end a plot with a function that returns None."""
    for cell in notebook.code:
        if tree(cell.source).body and re.search(r";[ \t]*(#.*)?$", cell.source, re.MULTILINE):
            strings = re.sub(r'""".*?"""|"[^"\n]*"|\'[^\'\n]*\'', "''", cell.source, flags=re.DOTALL)
            if re.search(r";[ \t]*(#.*)?$", strings, re.MULTILINE):
                yield f"cell {cell.id!r} has a line that ends in `;`. nbval shows the value anyway: take it off"
