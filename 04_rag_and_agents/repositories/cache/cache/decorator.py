"""Remember the results of a function in a cache."""

import functools

_MISSING = object()


def memoize(cache):
    """Return a decorator that keeps a function's results in *cache*.

    Arguments must be hashable. The undecorated function stays reachable as
    ``__wrapped__``.
    """
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            key = (function.__qualname__, args, tuple(sorted(kwargs.items())))
            result = cache.get(key, _MISSING)
            if result is _MISSING:
                result = cache[key] = function(*args, **kwargs)
            return result
        return wrapper
    return decorate
