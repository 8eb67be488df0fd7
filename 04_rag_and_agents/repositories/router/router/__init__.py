"""Map URL paths to named routes and build paths from names."""

from .routing import Match, MethodNotAllowed, NotFound, Router

__all__ = ["Match", "MethodNotAllowed", "NotFound", "Router"]
