"""Turning rows of data into messages."""

import csv
import io

from .message import Message

OPTIONAL_HEADERS = {"cc": "Cc", "reply_to": "Reply-To"}


class RowError(ValueError):
    """A row cannot be made into a message."""


def read_rows(text):
    """Return the rows of a CSV text whose first line names the columns."""
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    return [dict(row) for row in reader]


class Batch:
    """One subject and one template for a whole mailing."""

    def __init__(self, subject, template):
        self.subject = subject
        self.template = template

    def messages(self, rows):
        """Return the messages for ``rows``, in the same order."""
        return [self._message(number, row) for number, row in enumerate(rows, start=1)]

    def _message(self, number, row):
        address = row.get("email") or ""
        if "@" not in address:
            raise RowError(f"row {number}: no address")
        message = Message(address, self.subject, self.template.fill(row))
        for column, header in OPTIONAL_HEADERS.items():
            if row.get(column):
                message.set_header(header, row[column])
        return message
