"""Page through sequences."""

from .core import EmptyPage, InvalidPage, PageNotAnInteger, Paginator
from .links import ELLIPSIS, page_links, render_links
from .page import Page

__all__ = [
    "ELLIPSIS",
    "EmptyPage",
    "InvalidPage",
    "Page",
    "PageNotAnInteger",
    "Paginator",
    "page_links",
    "render_links",
]
