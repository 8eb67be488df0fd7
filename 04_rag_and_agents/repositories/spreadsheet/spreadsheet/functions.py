"""The functions a formula may call.

Each takes the call's arguments: numbers, and lists for ranges.
"""


def _over_numbers(function):
    """Have *function* take one list: all numbers of a call, ranges included."""
    def call(*args):
        numbers = []
        for arg in args:
            numbers.extend(arg if isinstance(arg, list) else [arg])
        return function(numbers)
    return call


def _average(numbers):
    return sum(numbers) / len(numbers)


def _minimum(numbers):
    return min(numbers, default=0)


def _sumproduct(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True))


FUNCTIONS = {
    "SUM": _over_numbers(sum),
    "AVERAGE": _over_numbers(_average),
    "COUNT": _over_numbers(len),
    "MIN": _over_numbers(_minimum),
    "SUMPRODUCT": _sumproduct,
}
