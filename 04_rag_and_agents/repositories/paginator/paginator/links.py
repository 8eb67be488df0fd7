"""The row of links below a listing."""

ELLIPSIS = "..."


def page_links(page, around=2, edges=1):
    """Return the page numbers to link to, with ELLIPSIS for each gap.

    *around* pages are listed on either side of the current one and *edges*
    pages at the beginning and the end.
    """
    last = page.paginator.num_pages
    links = []
    previous = 0
    for number in range(1, last + 1):
        near = abs(number - page.number) <= around
        edge = number <= edges or number > last - edges
        if not (near or edge):
            continue
        if number - previous > 1:
            links.append(ELLIPSIS)
        links.append(number)
        previous = number
    return links


def render_links(page, **options):
    """Return the links as one line of text, the current page in brackets."""
    words = []
    for link in page_links(page, **options):
        words.append(f"[{link}]" if link == page.number else str(link))
    if page.has_previous():
        words.insert(0, "<")
    if page.has_next():
        words.append(">")
    return " ".join(words)
