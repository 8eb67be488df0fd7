"""Cutting text into comparable words."""

import re

STOP_WORDS = frozenset("a an and in is of on or the to".split())
ES_PLURALS = ("ches", "oes", "shes", "sses", "xes")

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def normalise(word):
    """Return the form under which ``word`` is indexed."""
    word = word.casefold().removesuffix("'s")
    if word.endswith(ES_PLURALS):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def words(text):
    """Return the normalised words of ``text``, without stop words."""
    found = (normalise(match[0]) for match in _WORD.finditer(text))
    return [word for word in found if word not in STOP_WORDS]
