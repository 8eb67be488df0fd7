"""Exceptions."""


class SchemaError(Exception):
    """The schema itself makes no sense."""


class ValidationError(Exception):
    """Data does not follow its schema; *errors* maps dotted paths to messages."""

    def __init__(self, errors):
        listing = "; ".join(f"{path}: {text}" for path, text in sorted(errors.items()))
        super().__init__(listing)
        self.errors = errors
