"""Tasks and what each one needs."""

from .errors import TaskError, UnknownTask


class TaskGraph:
    """A mapping from each task to the tasks it needs first."""

    def __init__(self):
        self._needs = {}

    def __iter__(self):
        return iter(self._needs)

    def __len__(self):
        return len(self._needs)

    def define(self, name, needs=()):
        """Add the task ``name``; each task is defined once."""
        if name in self._needs:
            raise TaskError(f"{name!r} is defined twice")
        self._needs[name] = tuple(needs)

    def needs(self, name):
        """Return what ``name`` needs directly, in the order written."""
        try:
            return self._needs[name]
        except IndexError:
            raise UnknownTask(name) from None
