"""Converters turn a piece of a URL into a Python value and back."""

from urllib.parse import quote, unquote


class StringConverter:
    """Text within a single path segment."""

    regex = "[^/]+"

    def to_python(self, raw):
        return unquote(raw)

    def to_url(self, value):
        return quote(str(value))


class IntConverter:
    """A non-negative decimal number."""

    regex = "[0-9]+"

    def to_python(self, raw):
        return int(raw)

    def to_url(self, value):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"not a non-negative integer: {value!r}")
        return str(value)


class PathConverter(StringConverter):
    """Text that may span several segments, such as a file's path."""

    regex = "[^/].*?"

    def to_url(self, value):
        return quote(str(value), safe="/")


CONVERTERS = {
    "str": StringConverter(),
    "int": IntConverter(),
    "path": PathConverter(),
}
