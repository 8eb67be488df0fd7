"""Data types shared by the parser and the writer."""

from dataclasses import dataclass, field

UNRELEASED = "unreleased"

#: Sections in the order in which they are written out.
SECTIONS = ("added", "changed", "deprecated", "removed", "fixed", "security")

_MAJOR = {"removed"}
_MINOR = {"added", "changed", "deprecated"}


@dataclass
class Release:
    """One version together with its entries, grouped by section."""

    version: str
    date: str | None = None
    sections: dict[str, list[str]] = field(default_factory=dict)

    def add(self, section, entry):
        """Append *entry* to *section*, creating the section if needed."""
        self.sections.setdefault(section, []).append(entry)

    @property
    def is_empty(self):
        return not any(self.sections.values())

    def bump_level(self):
        """Return which part of the version these entries call for."""
        if self.sections.keys() & _MAJOR:
            return "major"
        if self.sections.keys() & _MINOR:
            return "minor"
        return "patch"


@dataclass
class Changelog:
    """All releases of a project, newest first."""

    title: str = "Changelog"
    releases: list[Release] = field(default_factory=list)

    def unreleased(self):
        """Return the pending release, or None when there is none."""
        for rel in self.releases:
            if rel.version == UNRELEASED:
                return rel
        return None

    def latest_version(self):
        """Return the newest published version, ``0.0.0`` if there is none."""
        for rel in self.releases:
            if rel.version != UNRELEASED:
                return rel.version
        return "0.0.0"

    def next_version(self):
        """Return the version number the pending entries call for."""
        major, minor, patch = (int(p) for p in self.latest_version().split("."))
        level = self.unreleased().bump_level()
        if level == "major":
            return f"{major + 1}.0.0"
        if level == "minor":
            return f"{major}.{minor + 1}.0"
        return f"{major}.{minor}.{patch + 1}"
