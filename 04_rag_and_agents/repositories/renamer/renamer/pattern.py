"""Wildcard patterns that remember what their wildcards stood for."""

import re

ANY_RUN = object()
ANY_ONE = object()
_WILDCARDS = {"*": ANY_RUN, "?": ANY_ONE}


class Pattern:
    """A compiled pattern; all but ``*`` and ``?`` stands for itself."""

    def __init__(self, text):
        self.text = text
        self._tokens = [_WILDCARDS.get(piece, piece)
                        for piece in re.split(r"([*?])", text) if piece]

    @property
    def wildcards(self):
        """The number of wildcards."""
        return sum(not isinstance(token, str) for token in self._tokens)

    def match(self, name):
        """Return what each wildcard stands for in *name*, or None."""
        captures = []
        position = 0
        for index, token in enumerate(self._tokens):
            if token is ANY_RUN:
                end = self._end_of_run(index, name, position)
                captures.append(name[position:end])
            elif token is ANY_ONE:
                end = position + 1
                captures.append(name[position:end])
            else:
                end = position + len(token)
                if name[position:end] != token:
                    return None
            if end > len(name):
                return None
            position = end
        return tuple(captures) if position == len(name) else None

    def _end_of_run(self, index, name, position):
        """Return where the run at token *index* ends: at the next literal."""
        if index + 1 == len(self._tokens):
            return len(name)
        following = self._tokens[index + 1]
        if not isinstance(following, str):
            return position
        end = name.find(following, position)
        return end if end >= 0 else len(name)
