"""The log: everything the learner did, one JSON record a line, only ever added to.

A log that is never rewritten cannot be spoilt by a crash: whatever the killed kernel, the full disk or the
second window did, the lines before are still there. All else (what is solved, how, how well one predicts)
is computed from the order of the records, so there is no second state that could disagree with it.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

from append_only import append
from calibration import Prediction, settle
from say import say

VERSION = 1  # of the records; readers skip what a newer version wrote, and keep it
PAUSE = 30  # minutes without a record after which nobody was there
FIELDS = {  # what a record must have to be understood
    "start": {"notebook"},
    "check": {"notebook", "name", "status", "source", "key"},
    "hint": {"notebook", "name"},
    "solution": {"notebook", "name"},
    "restore": {"notebook", "name"},
    "predict": {"notebook", "slug", "question", "sure"},
    "reveal": {"notebook", "slug", "value"},
    "quiz": {"notebook", "question", "right"},
    "review": {"notebook", "slug", "right"},
    "baseline": {"round", "question", "text"},
    "journal": {"what", "text"},
}
_waiting: list[tuple[Path, str]] = []  # records that the disk refused, oldest first
_told = False  # has this trouble been said?


def folder() -> Path:
    """The learner's data folder: `GROUNDUP_DATA`, or where this system keeps an application's data.

    The folder need not exist yet.
    """
    chosen = os.environ.get("GROUNDUP_DATA")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path  # only where no folder was chosen: start.py has to be quick

    return user_data_path("groundup", appauthor=False)


def path() -> Path:
    """The file of the log."""
    return folder() / "log.jsonl"


def source_key(source: str) -> str:
    """A fingerprint of a cell, the same whatever trailing blanks an editor leaves or takes away.

    >>> source_key("x = 1") == source_key("x = 1  \\n\\n")
    True
    """
    lines = [line.rstrip() for line in source.splitlines()]
    return hashlib.sha256("\n".join(lines).rstrip("\n").encode("utf-8", "surrogatepass")).hexdigest()


def log(kind: str, **fields: object) -> None:
    """Add a record. Returns once it is on the disk; where it cannot be written, it waits in memory.

    Never raises into a notebook for what the disk, another writer or a strange value does.
    """
    record = {"v": VERSION, "t": datetime.now(timezone.utc).isoformat(timespec="microseconds"), "kind": kind}
    try:
        line = json.dumps(record | fields, default=plain)
    except (TypeError, ValueError, RecursionError):  # keys that are no strings, a list that holds itself
        line = json.dumps(record | {name: repr(value) for name, value in fields.items()})
    _waiting.append((path(), line))
    flush()


def flush() -> None:
    """Write what waits in memory; say once, in plain words, if that does not work."""
    global _told
    for file in dict.fromkeys(file for file, _ in _waiting):
        batch = [entry for entry in _waiting if entry[0] == file]
        try:
            append(file, [line for _, line in batch])
        except OSError as trouble:
            if not _told:
                _told = True
                atexit.register(flush)
                say(
                    f"The log `{file}` cannot be written: {trouble.strerror or trouble}. What you do is kept in "
                    "memory and written with the next record that succeeds; go on. To mend it, free some space, or "
                    "set GROUNDUP_DATA to a folder that you may write to before you start Jupyter.",
                    "wrong",
                )
        else:
            _told = False
            for entry in batch:
                with contextlib.suppress(ValueError):  # another thread was quicker
                    _waiting.remove(entry)


def plain(value: object) -> object:
    """What JSON makes of a value that it does not know: a number or list if it is one, else its repr."""
    convert = getattr(value, "tolist", None)  # of numpy and torch
    return convert() if callable(convert) else repr(value)


def records(*kinds: str, place: Path | None = None) -> list[dict]:
    """The records in the order in which they happened, of these kinds (none named: of all kinds).

    `place` is a data folder, this learner's own if not given.
    Left out, and left in the file: torn lines, records of a newer version, records that lack a field.
    """
    file = (place or folder()) / path().name
    lines = file.read_bytes().split(b"\n") if file.is_file() else []
    lines += [line.encode() for where, line in _waiting if where == file]
    found = (understood(line) for line in dict.fromkeys(lines))  # a record written twice happened once
    return [record for record in found if record and (not kinds or record["kind"] in kinds)]


def understood(line: bytes) -> dict | None:
    """The record in `line`, or None if this version cannot tell what it says.

    >>> understood(b'{"v": 2, "t": "2026-11-23T12:00:00+00:00", "kind": "start"}')
    """
    try:
        record = json.loads(line)
        named = all(isinstance(record.get(field, ""), str) for field in ("kind", "notebook", "name", "slug"))
        if record["v"] > VERSION or not named or not FIELDS.get(record["kind"], set()) <= record.keys():
            return None
        return record if datetime.fromisoformat(record["t"]).tzinfo else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # torn, or not one of ours
        return None


def exercises() -> dict[tuple[str, str], str]:
    """How each exercise in the log was solved, by (notebook, name); what is not in it is untouched.

    "unaided", "with hints", "solution seen": what was asked for before the first solved attempt decides, and
    the solution outweighs the hints. Not solved yet: "tried", or "untouched" if there was no attempt.
    """
    states: dict[tuple[str, str], str] = {}
    help_taken: dict[tuple[str, str], str] = {}
    for record in records("check", "hint", "solution", "restore"):
        key = record["notebook"], record["name"]
        state = states.setdefault(key, "untouched")
        if state not in ("untouched", "tried"):
            continue  # solved: what comes after does not change how
        if record["kind"] == "hint":
            help_taken.setdefault(key, "with hints")
        elif record["kind"] == "solution":
            help_taken[key] = "solution seen"
        elif record.get("status") == "solved":
            states[key] = help_taken.get(key, "unaided")
        elif record["kind"] == "check" and record["status"] != "empty":
            states[key] = "tried"
    return states


def predictions() -> list[Prediction]:
    """The predictions in the log, in the order in which they were first made, with what came of them."""
    return settle(records("predict", "reveal"))


def minutes(place: Path | None = None, since: datetime | None = None) -> dict[str, float]:
    """Minutes spent in each notebook; pauses longer than half an hour are not counted.

    `place` is a data folder, this learner's own if not given; only what began at or after `since` is counted.
    The time from one record to the next belongs to the notebook of the first.
    """
    spent: dict[str, float] = {}
    last, notebook = None, None
    for record in records(place=place):
        now = datetime.fromisoformat(record["t"])
        gap = (now - last).total_seconds() / 60 if last else 0
        if notebook and 0 < gap <= PAUSE and (since is None or last >= since):
            spent[notebook] = spent.get(notebook, 0) + gap
        last, notebook = now, record.get("notebook", notebook)
    return spent


def medians(*folders: Path) -> dict[str, float]:
    """Median minutes a notebook over the logs in several data folders (none named: this learner's own)."""
    every: dict[str, list[float]] = {}
    for place in folders or (folder(),):
        for notebook, spent in minutes(Path(place)).items():
            every.setdefault(notebook, []).append(spent)
    return {notebook: median(spent) for notebook, spent in every.items()}
