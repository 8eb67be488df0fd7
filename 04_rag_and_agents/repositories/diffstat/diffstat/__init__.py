"""Summaries of unified diffs."""

from .parse import parse_diff
from .report import format_stat, shorten
from .stats import DiffStat, FileStat

__all__ = ["DiffStat", "FileStat", "format_stat", "parse_diff", "shorten"]
