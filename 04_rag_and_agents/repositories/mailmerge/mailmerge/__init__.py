"""Mail merge: one template, many rows, one message each."""

from .batch import Batch, RowError, read_rows
from .message import Message
from .template import MissingField, Template

__all__ = ["Batch", "Message", "MissingField", "RowError", "Template", "read_rows"]
