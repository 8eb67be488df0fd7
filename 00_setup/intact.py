"""Is a folder of files still what it was? Sizes are looked at each time, hashes once.

Hashing 100 MB takes a third of a second, too long for the first cell of a notebook. So what was hashed is
remembered beside the files, by size and time of change, and hashed again only where one of these differs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

STAMP = ".checked.json"  # it also tells our folders from other people's


def digest(file: Path) -> str:
    """The SHA-256 of a file, as hex."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_intact(folder: Path, files: dict[str, tuple[int, str]]) -> bool:
    """Does `folder` hold each of `files` (name: bytes, SHA-256), unchanged?"""
    try:
        seen = {name: [(status := (folder / name).stat()).st_size, status.st_mtime_ns] for name in files}
        if any(seen[name][0] != size for name, (size, _) in files.items()):
            return False
        if remembered(folder) == seen:
            return True
        if any(digest(folder / name) != sha256 for name, (_, sha256) in files.items()):
            return False
    except OSError:  # a file is absent or cannot be read
        return False
    with contextlib.suppress(OSError):  # a cache that we may only read is hashed each time
        remember(folder, seen)
    return True


def remembered(folder: Path) -> dict | None:
    """What was seen when the files were last hashed; None if nothing readable was kept."""
    try:
        return json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def remember(folder: Path, seen: dict[str, list[int]]) -> None:
    """Keep sizes and times of change, in one move."""
    write(folder / STAMP, json.dumps(seen))


def write(file: Path, text: str) -> None:
    """Write `text` so that another process sees all of it or nothing. Raises OSError."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(text.encode("utf-8"))
    os.replace(part, file)
