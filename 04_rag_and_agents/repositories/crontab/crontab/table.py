"""A whole crontab."""

from dataclasses import dataclass

from .fields import CronError
from .schedule import Schedule


@dataclass(frozen=True)
class Job:
    """One line of a crontab."""

    schedule: Schedule
    command: str


class CronTable:
    """The jobs of a crontab, in the order written."""

    def __init__(self, jobs):
        self.jobs = list(jobs)

    @classmethod
    def parse(cls, text):
        """Return the table in ``text``, passing over blanks and comments."""
        jobs = []
        for number, line in enumerate(text.splitlines(), start=1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            parts = line.split(None, 5)
            if len(parts) < 6:
                raise CronError(f"line {number}: no command")
            jobs.append(Job(Schedule(" ".join(parts[:5])), parts[5]))
        return cls(jobs)

    def due(self, moment):
        """Return the commands to start in the minute of ``moment``."""
        return [job.command for job in self.jobs if job.schedule.matches(moment)]

    def upcoming(self, moment):
        """Return ``(when, command)`` pairs for each job's next run, soonest first."""
        runs = [(job.schedule.next_after(moment), job.command) for job in self.jobs]
        return sorted(run for run in runs if run[0] is not None)
