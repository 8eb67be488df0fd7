"""The five fields of a cron expression."""

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()


class CronError(ValueError):
    """A crontab line cannot be understood."""


class Field:
    """The set of numbers that one field of an expression allows."""

    def __init__(self, text, low, high, names=()):
        self.text = text
        self._low = low
        self._high = high
        self._names = {name: low + place for place, name in enumerate(names)}
        self.values = frozenset().union(*map(self._expand, text.split(",")))

    @property
    def restricted(self):
        """Whether the field says more than ``*``."""
        return self.text != "*"

    def __contains__(self, number):
        return number in self.values

    def _expand(self, part):
        span, slash, step = part.partition("/")
        if span == "*":
            first, last = self._low, self._high
        elif "-" in span:
            first, last = map(self._number, span.split("-", 1))
        else:
            first = self._number(span)
            last = self._high if slash else first
        if first > last:
            raise CronError(f"range runs backwards: {part!r}")
        if slash and not (step.isdigit() and int(step)):
            raise CronError(f"bad step: {part!r}")
        return range(first, last + 1, int(step) if slash else 1)

    def _number(self, text):
        if text.lower() in self._names:
            return self._names[text.lower()]
        if not text.isdigit() or not self._low <= int(text) <= self._high:
            raise CronError(f"{text!r} is not in {self._low}..{self._high}")
        return int(text)
