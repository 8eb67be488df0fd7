"""Tables of contents for Markdown documents."""

from .headings import Heading, find_headings, slugify
from .render import to_html, to_markdown
from .tree import build, find, walk

__all__ = [
    "Heading",
    "build",
    "find",
    "find_headings",
    "slugify",
    "to_html",
    "to_markdown",
    "walk",
]
