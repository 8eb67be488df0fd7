"""Queries: ``word``, ``this|that`` and ``-word``."""

from dataclasses import dataclass


class QueryError(ValueError):
    """A query asks for nothing."""


@dataclass(frozen=True)
class Term:
    """Words of which any one will do, wanted or excluded."""

    words: tuple
    excluded: bool = False

    def select(self, index):
        """Return the documents that hold one of the words."""
        found = set()
        for word in self.words:
            found |= index.holders(word)
        return found


def parse(text):
    """Return the Terms of a query."""
    terms = []
    for part in text.split():
        excluded = part.startswith("-")
        choices = tuple(filter(None, part.removeprefix("-").split("|")))
        if choices:
            terms.append(Term(choices, excluded))
    if not any(not term.excluded for term in terms):
        raise QueryError(f"nothing to look for: {text!r}")
    return terms


def search(index, text):
    """Return the names of the matching documents, best match first."""
    terms = parse(text)
    names = index.names()
    for term in terms:
        if term.excluded:
            names -= term.select(index)
        else:
            names &= term.select(index)

    def score(name):
        wanted = (word for term in terms if not term.excluded for word in term.words)
        return sum(index.weight(name, word) for word in wanted)

    return sorted(names, key=lambda name: (-score(name), name))
