"""The route table."""

from dataclasses import dataclass, field

from .patterns import Pattern


class NotFound(LookupError):
    """No route has this path."""


class MethodNotAllowed(LookupError):
    """The path exists, though not for this method."""

    def __init__(self, path, allowed):
        super().__init__(f"{path}: allowed methods are {', '.join(sorted(allowed))}")
        self.allowed = frozenset(allowed)


@dataclass(frozen=True)
class Match:
    """A resolved route."""

    name: str
    params: dict = field(default_factory=dict)


class Router:
    """An ordered table of routes; the first that fits is taken."""

    def __init__(self):
        self._routes = {}

    def add(self, name, pattern, methods=("GET",)):
        """Register *pattern* under *name*."""
        if name in self._routes:
            raise ValueError(f"route {name!r} already exists")
        self._routes[name] = (Pattern(pattern), frozenset(m.upper() for m in methods))

    def resolve(self, method, path):
        """Return the Match for a request."""
        allowed = set()
        for name, (pattern, methods) in self._routes.items():
            params = pattern.match(path)
            if params is None:
                continue
            if method.upper() in methods:
                return Match(name, params)
            allowed |= methods
        if allowed:
            raise MethodNotAllowed(path, allowed)
        raise NotFound(path)

    def build(self, name, /, **params):
        """Return the path of route *name*."""
        pattern, _ = self._routes[name]
        return pattern.build(params)
