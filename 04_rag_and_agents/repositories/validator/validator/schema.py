"""Compile a schema and check data with it."""

from .errors import SchemaError, ValidationError
from .rules import RULES

_MISSING = object()


class Schema:
    """A compiled schema; see the README for what a field may say."""

    def __init__(self, fields, allow_unknown=False):
        self._allow_unknown = allow_unknown
        self._required = set()
        self._checks = {}
        self._nested = {}
        for name, options in fields.items():
            options = dict(options)
            if options.pop("required", True):
                self._required.add(name)
            nested = options.pop("fields", None)
            if nested is not None:
                self._nested[name] = Schema(nested, allow_unknown)
            self._checks[name] = self._compile(name, options)

    @staticmethod
    def _compile(name, options):
        checks = []
        for keyword, argument in options.items():
            rule = RULES.get(keyword)
            if rule is None:
                raise SchemaError(f"field {name!r} has unknown rule {keyword!r}")
            checks.append(lambda value: rule(value, argument))
        return checks

    def errors(self, data):
        """Return a mapping from dotted field paths to messages."""
        found = {}
        for name, checks in self._checks.items():
            value = data.get(name, _MISSING)
            if value is _MISSING:
                if name in self._required:
                    found[name] = "is required"
                continue
            message = self._first_message(checks, value)
            if message is not None:
                found[name] = message
            elif name in self._nested:
                for path, inner in self._nested[name].errors(value).items():
                    found[f"{name}.{path}"] = inner
        if not self._allow_unknown:
            for name in data:
                if name not in self._checks:
                    found[name] = "is not a known field"
        return found

    @staticmethod
    def _first_message(checks, value):
        messages = (check(value) for check in checks)
        return next((text for text in messages if text is not None), None)

    def validate(self, data):
        """Return *data* if it follows the schema, else raise ValidationError."""
        found = self.errors(data)
        if found:
            raise ValidationError(found)
        return data
