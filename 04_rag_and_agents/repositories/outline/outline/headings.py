"""Find the headings of a document."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<title>.*?)\s*#*$")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass
class Heading:
    """One heading; *children* are the headings directly below it."""

    level: int
    title: str
    anchor: str
    line: int
    children: list["Heading"] = field(default_factory=list)


def slugify(title):
    """Return *title* in the form used for anchors."""
    title = re.sub(r"[^\w\s-]", "", title.lower())
    return re.sub(r"[\s_-]+", "-", title).strip("-")


def find_headings(text):
    """Yield the headings of *text* in order, each with a unique anchor."""
    seen = {}
    fence = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _FENCE.match(line):
            if fence is None:
                fence = match[1]
            elif fence == match[1]:
                fence = None
            continue
        match = _HEADING.match(line)
        if fence is not None or match is None:
            continue
        slug = slugify(match["title"])
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        anchor = f"{slug}-{count}" if count else slug
        yield Heading(len(match["marks"]), match["title"], anchor, number)
