"""A single page of a paginated sequence."""


class Page:
    """The items of one page, aware of its neighbours."""

    def __init__(self, items, number, paginator):
        self.items = items
        self.number = number
        self.paginator = paginator

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]

    def __repr__(self):
        return f"<Page {self.number} of {self.paginator.num_pages}>"

    def has_next(self):
        return self.number < self.paginator.num_pages

    def has_previous(self):
        return self.number > 1

    def start_index(self):
        """1-based position of the first item, 0 when there are no items."""
        if self.paginator.count == 0:
            return 0
        return (self.number - 1) * self.paginator.per_page + 1

    def end_index(self):
        """1-based position of the last item on this page."""
        if not self.has_next():
            return self.paginator.count
        return self.number * self.paginator.per_page
