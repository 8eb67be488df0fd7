"""Letter templates with ``{{field}}`` and ``{{field|fallback}}`` marks."""

import re

_MARK = re.compile(r"\{\{\s*(\w+)\s*(?:\|([^}]*))?\}\}")


class MissingField(KeyError):
    """A row lacks a field that the template has no fallback for."""


class Template:
    """A text with marks to be filled from a row."""

    def __init__(self, text):
        self.text = text

    def required(self):
        """Return the names of the fields without a fallback, sorted."""
        return sorted({m[1] for m in _MARK.finditer(self.text) if m[2] is None})

    def fill(self, row):
        """Return the text with each mark replaced by the row's value."""

        def value(match):
            name, fallback = match.groups()
            if row.get(name) not in (None, ""):
                return str(row[name])
            if fallback is None:
                raise MissingField(name)
            return fallback.strip()

        return _MARK.sub(value, self.text)
