"""Check dictionaries against a declarative schema."""

from .errors import SchemaError, ValidationError
from .schema import Schema

__all__ = ["Schema", "SchemaError", "ValidationError"]
