"""Comparing two counts of the same shelves."""


def changes(before, after):
    """Return ``{sku: difference}`` for the articles whose quantity differs."""
    result = {}
    for sku in sorted(before.keys() | after.keys()):
        difference = after.get(sku, 0) - before.get(sku, 0)
        if difference:
            result[sku] = difference
    return result
