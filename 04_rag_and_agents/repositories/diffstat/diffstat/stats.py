"""Counters filled in by the parser."""

from dataclasses import dataclass, field


@dataclass
class FileStat:
    """The changes made to one file."""

    path: str
    added: int = 0
    removed: int = 0
    binary: bool = False

    @property
    def total(self):
        return self.added + self.removed


@dataclass
class DiffStat:
    """The changes of a whole diff, files in order of appearance."""

    files: list[FileStat] = field(default_factory=list)

    @property
    def added(self):
        return sum(f.added for f in self.files)

    @property
    def removed(self):
        return sum(f.removed for f in self.files)

    def get(self, path):
        """Return the FileStat for *path*; KeyError if it was not touched."""
        for stat in self.files:
            if stat.path == path:
                return stat
        raise KeyError(path)
