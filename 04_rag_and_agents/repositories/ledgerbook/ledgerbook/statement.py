"""Plain-text statements."""


def render(book, currency):
    """Return a statement of every account's value, with a closing total."""
    rows = [(name, str(book.value(name, currency))) for name in book.accounts()]
    rows.append(("Total", str(book.total_in(currency))))
    name_width = max(len(name) for name, _ in rows)
    value_width = max(len(value) for _, value in rows)
    return "\n".join(
        f"{name:<{name_width}}  {value:>{value_width}}" for name, value in rows
    )
