"""The paginator itself."""

from math import ceil

from .page import Page


class InvalidPage(ValueError):
    """Base class of the errors raised for a bad page number."""


class PageNotAnInteger(InvalidPage):
    """The page number is not a whole number."""


class EmptyPage(InvalidPage):
    """There is no page with that number."""


class Paginator:
    """Split *items* into pages of *per_page*.

    If the last page would hold *orphans* items or fewer they are shown on
    the page before instead.
    """

    def __init__(self, items, per_page, orphans=0):
        if per_page < 1:
            raise ValueError("per_page must be positive")
        self.items = items
        self.per_page = per_page
        self.orphans = orphans

    @property
    def count(self):
        """Number of items on all pages together."""
        return len(self.items)

    @property
    def num_pages(self):
        """Number of pages; an empty sequence still has one (empty) page."""
        hits = max(1, self.count - self.orphans)
        return ceil(hits / self.per_page)

    def validate_number(self, number):
        """Return *number* as an int, or raise a subclass of InvalidPage."""
        try:
            number = int(number)
        except (TypeError, ValueError):
            raise PageNotAnInteger(f"{number!r} is not a page number") from None
        if number < 1:
            raise EmptyPage("page numbers start at 1")
        if number > self.num_pages:
            raise EmptyPage(f"there are only {self.num_pages} pages")
        return number

    def page(self, number):
        """Return the page with the given 1-based number."""
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = bottom + self.per_page
        if top + self.orphans > self.count:
            top = self.count
        return Page(self.items[bottom:top], number, self)

    def __iter__(self):
        for number in range(1, self.num_pages + 1):
            yield self.page(number)
