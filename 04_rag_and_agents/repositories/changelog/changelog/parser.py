"""Turn changelog text into a :class:`~changelog.model.Changelog`."""

import re

from .model import SECTIONS, Changelog, Release

_RELEASE = re.compile(r"^## \[?(?P<version>[^\]\s]+)\]?(?: - (?P<date>\d{4}-\d\d-\d\d))?$")
_SECTION = re.compile(r"^### (?P<name>.+)$")


class ChangelogError(ValueError):
    """The text is not a well formed changelog."""


def parse(text):
    """Parse *text* and return a Changelog."""
    log = Changelog()
    current = None
    section = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.rstrip()
        if line.startswith("# "):
            log.title = line[2:].strip()
        elif match := _RELEASE.match(line):
            current = Release(match["version"], match["date"])
            section = None
            log.releases.append(current)
        elif match := _SECTION.match(line):
            section = match["name"].lower()
            if section not in SECTIONS:
                raise ChangelogError(f"line {number}: unknown section {match['name']!r}")
        elif line.startswith("- "):
            if current is None or section is None:
                raise ChangelogError(f"line {number}: entry outside a section")
            current.add(section, line[2:].strip())
        elif line.startswith("  ") and section and current.sections.get(section):
            current.sections[section][-1] += " " + line.strip()
    return log
