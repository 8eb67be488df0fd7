"""The index itself: which documents hold which words."""

from collections import Counter

from .words import normalise, words


class Index:
    """Documents by name, with the count of each word they hold."""

    def __init__(self):
        self._documents = {}
        self._holders = {}

    def __len__(self):
        return len(self._documents)

    def add(self, name, text):
        """Index ``text`` as the document ``name``; each name is used once."""
        if name in self._documents:
            raise ValueError(f"{name!r} is indexed already")
        counts = Counter(words(text))
        self._documents[name] = counts
        for word in counts:
            self._holders.setdefault(word, set()).add(name)

    def names(self):
        """Return the names of all documents, as a set."""
        return set(self._documents)

    def holders(self, word):
        """Return the set of the documents that hold ``word``."""
        return self._holders.get(normalise(word))

    def weight(self, name, word):
        """Return how often ``word`` stands in the document ``name``."""
        return self._documents[name][normalise(word)]
