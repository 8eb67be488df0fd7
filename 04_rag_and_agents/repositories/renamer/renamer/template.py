"""Templates such as ``photo_#1.jpg``."""

import re

_REFERENCE = re.compile(r"#(#|[1-9][0-9]*)")


class Template:
    """A new name with references to what wildcards stood for; ``##`` is a #."""

    def __init__(self, text):
        self.text = text
        numbers = [int(ref) for ref in _REFERENCE.findall(text) if ref != "#"]
        self.highest = max(numbers, default=0)

    def expand(self, captures):
        """Return the new name for *captures*."""
        def substitute(found):
            reference = found[1]
            return "#" if reference == "#" else captures[int(reference) - 1]
        return _REFERENCE.sub(substitute, self.text)
