"""Promises about prose: no filler, links that lead somewhere, pictures with words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import notebook as files

from promises import promise, prose

FILLER = re.compile(r"\b(simply|just|obviously)\b(?!-)", re.IGNORECASE)
LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")


def without_quotes(words: str) -> str:
    """Prose without what others said: quoted text and quote blocks.

    >>> without_quotes('He wrote "just do it" here')
    'He wrote   here'
    """
    words = re.sub(r"^[ \t]*>.*$", " ", words, flags=re.MULTILINE)
    return re.sub(r"\"[^\"\n]*\"|“[^”]*”|„[^“”]*[“”]", " ", words)


def without_code(source: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", " ", source, flags=re.DOTALL)


@cache
def anchors(path: Path) -> frozenset[str]:
    """Fragments that lead somewhere in a notebook or Markdown file, as GitHub and as JupyterLab write them."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell.source for cell in files.cells(path) if cell.kind == "markdown")
    else:
        text = path.read_text("utf-8")
    found = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    for heading in re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M):
        words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip()
        found.add(re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-"))
        found.add(words.replace(" ", "-"))
    return frozenset(found)


def dead(text: str, origin: Path) -> list[str]:
    """Relative links in Markdown `text` of the file `origin` that lead nowhere, each with the reason."""
    found = []
    for picture, _, target in LINK.findall(without_code(text)):
        if re.match(r"[a-z][a-z+.-]*:", target, re.IGNORECASE):
            continue
        place, _, fragment = unquote(target).partition("#")
        there = (origin.parent / place).resolve() if place else origin
        if target.startswith("/"):
            found.append(f"{target} is absolute: write it relative to this file")
        elif not there.exists():
            found.append(f"{target} does not exist. If it is still to come, name it without a link")
        elif fragment and not picture and there.suffix in (".ipynb", ".md") and fragment not in anchors(there):
            found.append(f"{target}: {there.name} has no heading for #{fragment}")
    return found


def wordless(text: str) -> list[str]:
    """Pictures in Markdown `text` without an alternative text.

    >>> wordless("![](a.png) ![A map](b.png) <img src='c.png'>")
    ['a.png', "<img src='c.png'>"]
    """
    text = without_code(text)
    found = [target for picture, words, target in LINK.findall(text) if picture and not words.strip()]
    return found + [tag for tag in re.findall(r"<img\b[^>]*>", text) if not re.search(r"\balt=[\"'][^\"']+", tag)]


@promise
def prose_has_no_filler(notebook):
    """No exclamation marks; no `simply`, `just`, `obviously`, unless somebody is quoted."""
    for cell in notebook.markdown:
        words = without_quotes(prose(cell.source))
        if hit := FILLER.search(words):
            yield f"cell {cell.id!r} says {hit[0]!r}. Leave it out, or say why it is so"
        if hit := re.search(r"\w*[ \t]?!(?!=)", words):
            yield f"cell {cell.id!r} exclaims ({hit[0]!r}). A full stop will do"


@promise
def links_lead_somewhere(notebook):
    """Relative links reach a file, and the heading that they name."""
    for cell in notebook.markdown:
        for reason in dead(cell.source, notebook.path):
            yield f"cell {cell.id!r}: link {reason}"


@promise
def images_have_words(notebook):
    """Pictures in the text carry an alternative text."""
    for cell in notebook.markdown:
        for picture in wordless(cell.source):
            yield f"cell {cell.id!r}: {picture} has no alternative text"
