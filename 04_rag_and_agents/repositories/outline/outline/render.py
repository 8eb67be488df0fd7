"""Write tables of contents."""

from html import escape

from .tree import walk


def to_markdown(headings, bullet="-", indent=2):
    """Return the table of contents as a nested Markdown list."""
    lines = []
    for depth, heading in walk(headings):
        pad = " " * (depth * indent)
        lines.append(f"{pad}{bullet} [{heading.title}](#{heading.anchor})")
    return "\n".join(lines)


def to_html(headings):
    """Return the table of contents as nested ``<ul>`` lists."""
    if not headings:
        return ""
    items = []
    for heading in headings:
        link = f'<a href="#{heading.title}">{escape(heading.title)}</a>'
        items.append(f"<li>{link}{to_html(heading.children)}</li>")
    return "<ul>" + "".join(items) + "</ul>"
