"""A small full-text index."""

from .index import Index
from .query import QueryError, parse, search

__all__ = ["Index", "QueryError", "parse", "search"]
