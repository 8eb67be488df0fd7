"""What is half written in a form: kept in a file, so that a restarted kernel takes nothing away.

A draft is no answer. It never goes into the log, and once the answer is sealed it is gone.
"""

from __future__ import annotations

import json
import os

import progress


def drafts() -> dict[str, list[str]]:
    """What is written and not sealed, as {key: [text, confidence]}."""
    try:
        return json.loads((progress.folder() / "drafts.json").read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # none yet, or spoilt by other hands
        return {}


def keep(key: str, text: str, sure: str) -> None:
    """Keep a draft, or drop it where both fields are empty. Raises OSError if the disk refuses."""
    file, kept = progress.folder() / "drafts.json", drafts()
    before = kept.pop(key, None)
    if text.strip() or sure.strip():
        kept[key] = [text, sure]
    if kept.get(key) == before:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    waiting = file.with_suffix(f".{os.getpid()}")
    waiting.write_text(json.dumps(kept), "utf-8")
    waiting.replace(file)  # at once: a crash leaves the old drafts or the new ones
