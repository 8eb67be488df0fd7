"""Compile a route pattern such as ``/users/<int:id>``."""

import re

from .converters import CONVERTERS

_PLACEHOLDER = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[a-z_][a-z0-9_]*)>")


class Pattern:
    """A compiled route pattern."""

    def __init__(self, text):
        if not text.startswith("/"):
            raise ValueError(f"pattern must start with a slash: {text!r}")
        self.text = text
        self._pieces = []       # literal strings and (name, converter) pairs
        position = 0
        for found in _PLACEHOLDER.finditer(text):
            kind = found["kind"] or "str"
            if kind not in CONVERTERS:
                raise ValueError(f"unknown converter {kind!r} in {text!r}")
            self._pieces.append(text[position:found.start()])
            self._pieces.append((found["name"], CONVERTERS[kind]))
            position = found.end()
        self._pieces.append(text[position:])
        self._regex = re.compile("".join(self._to_regex(p) for p in self._pieces))

    @staticmethod
    def _to_regex(piece):
        if isinstance(piece, str):
            return re.escape(piece)
        name, converter = piece
        return f"(?P<{name}>{converter.regex})"

    @property
    def _placeholders(self):
        return [piece for piece in self._pieces if not isinstance(piece, str)]

    def match(self, path):
        """Return the decoded parameters of *path*, or None."""
        found = self._regex.fullmatch(path)
        if found is None:
            return None
        return {name: converter.to_python(found[name])
                for name, converter in self._placeholders}

    def build(self, params):
        """Return the path for *params*, which must name every placeholder."""
        expected = {name for name, _ in self._placeholders}
        if expected != set(params):
            raise TypeError(f"{self.text!r} takes {sorted(expected)}, got {sorted(params)}")
        parts = []
        for piece in self._pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                name, converter = piece
                parts.append(converter.to_url(params[name]))
        return "".join(parts)
