"""What can be wrong with a task list."""


class TaskError(Exception):
    """Base of the errors of this package."""


class SyntaxProblem(TaskError):
    """A line is not of the form ``task: need need ...``."""


class UnknownTask(TaskError):
    """A task is named that the list does not define."""

    def __init__(self, name):
        super().__init__(f"no task called {name!r}")
        self.name = name


class Cycle(TaskError):
    """Tasks need each other in a ring."""

    def __init__(self, path):
        super().__init__(" -> ".join(path))
        self.path = path
