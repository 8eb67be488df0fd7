"""Parse, bump and render Keep-a-Changelog files."""

from .model import Changelog, Release
from .parser import ChangelogError, parse
from .writer import release, render

__all__ = ["Changelog", "ChangelogError", "Release", "parse", "release", "render"]
