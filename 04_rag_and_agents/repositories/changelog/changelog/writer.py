"""Render changelogs and cut releases."""

from .model import SECTIONS, UNRELEASED, Release
from .parser import ChangelogError


def _heading(rel):
    if rel.version == UNRELEASED:
        return "## [Unreleased]"
    return f"## [{rel.version}] - {rel.date}" if rel.date else f"## [{rel.version}]"


def render(log):
    """Return the changelog as Markdown text."""
    blocks = [f"# {log.title}"]
    for rel in log.releases:
        blocks.append(_heading(rel))
        for section in SECTIONS:
            entries = rel.sections.get(section)
            if entries:
                lines = [f"### {section.capitalize()}"]
                lines += [f"- {entry}" for entry in entries]
                blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def release(log, date):
    """Turn the pending entries into a release and return the new text."""
    pending = log.unreleased()
    if pending is None or pending.is_empty:
        raise ChangelogError("nothing to release")
    version = log.next_version()
    pending.version, pending.date = version, date
    log.releases.insert(0, Release(UNRELEASED))
    return render(log)
