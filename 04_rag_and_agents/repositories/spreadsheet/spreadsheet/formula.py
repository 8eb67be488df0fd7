"""Evaluate the text of a formula, by recursive descent."""

import operator
import re

from .functions import FUNCTIONS

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]+\d*)|([-+*/(),:]))")
_OPERATORS = {"+": operator.add, "-": operator.sub,
              "*": operator.mul, "/": operator.truediv}


class FormulaError(ValueError):
    """A formula cannot be read."""


def _tokenize(text):
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise FormulaError(f"unexpected {text[position:].strip()!r}")
        tokens.append(found[found.lastindex].upper())
        position = found.end()
    return tokens + [""]


class Evaluator:
    """Evaluates one formula, asking *sheet* for the cells it refers to."""

    def __init__(self, text, sheet):
        self._tokens = _tokenize(text)
        self._sheet = sheet

    def evaluate(self):
        result = self._expression()
        self._expect("")
        return result

    def _take(self):
        return self._tokens.pop(0) if self._tokens[0] else ""

    def _accept(self, *wanted):
        return self._take() if self._tokens[0] in wanted else None

    def _expect(self, wanted):
        if self._tokens[0] != wanted:
            raise FormulaError(f"unexpected {self._tokens[0] or 'end'!r}")
        self._take()

    def _expression(self):
        return self._binary(self._term, "+", "-")

    def _term(self):
        return self._binary(self._factor, "*", "/")

    def _binary(self, operand, *symbols):
        result = operand()
        while symbol := self._accept(*symbols):
            result = _OPERATORS[symbol](result, operand())
        return result

    def _factor(self):
        if self._accept("-"):
            return -self._factor()
        if self._accept("("):
            result = self._expression()
            self._expect(")")
            return result
        token = self._take()
        if token[:1].isdigit():
            return float(token) if "." in token else int(token)
        if not token[:1].isalpha():
            raise FormulaError(f"unexpected {token or 'end'!r}")
        if self._accept("("):
            return self._call(token)
        return self._sheet.value(token)

    def _call(self, function):
        if function not in FUNCTIONS:
            raise FormulaError(f"no such function: {function}")
        args = [self._argument()]
        while self._accept(","):
            args.append(self._argument())
        self._expect(")")
        return FUNCTIONS[function](*args)

    def _argument(self):
        if self._tokens[1:2] == [":"]:
            first, _, last = self._take(), self._take(), self._take()
            return self._sheet.values(first, last)
        return self._expression()
