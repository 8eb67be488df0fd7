"""Crontab parsing and evaluation."""

from .fields import CronError
from .schedule import Schedule
from .table import CronTable, Job

__all__ = ["CronError", "CronTable", "Job", "Schedule"]
